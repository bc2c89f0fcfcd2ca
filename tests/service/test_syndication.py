"""Feeds over HTTP: the headers of every answer, conditions, codings, methods, and the list of all feeds."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.model import Format
from feeds.opml import read_opml
from service.store import articles
from service.web.caching import cache_control, told_until
from tests import newsroom

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from service.runtime import Runtime
    from tests.fakes import ManualClock

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/feeds/all",
    "/feeds/theme/energy",
    "/feeds/region/islands",
    "/feeds/report/tide-lines",
    "/feeds/author/ada-marsh",
    "/feeds/source/lantern",
)
MISSING = (
    "/feeds/nothing.atom",
    "/feeds/theme/nothing.atom",
    "/feeds/theme.atom",
    "/feeds/author/nobody.json",
    "/feeds/source/nowhere.rss",
    "/feeds/theme/energy/more.atom",
    "/feeds/THEME/energy.atom",
    "/feeds/all.atom/",
    "/feeds/all.xml",
    "/feeds/.atom",
    "/feeds/theme/%00.atom",
    "/feeds/../feeds/all.atom",
    "/feeds//all.atom",
)
TYPES = {
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.JSON: "application/feed+json",
}


def entries(answer: TestResponse) -> list[str]:
    """The titles in an Atom answer."""
    root = etree.fromstring(answer.data)
    return [str(it.findtext(f"{ATOM}title")) for it in root.iter(f"{ATOM}entry")]


def test_every_feed_in_every_format(client: FlaskClient) -> None:
    """HTTP-12, JF-08."""
    for path, kind in product(FEEDS, Format):
        answer = client.get(f"{path}.{kind.value}")
        assert answer.status_code == 200, (path, kind)
        assert answer.headers["Content-Type"] == TYPES[kind]
        assert answer.headers["Content-Length"] == str(len(answer.data))
        if kind is Format.JSON:
            assert json.loads(answer.data)["items"]
        else:
            assert etree.fromstring(answer.data).tag in ("rss", f"{ATOM}feed")


def test_what_every_answer_carries(client: FlaskClient, clock: ManualClock) -> None:
    """HTTP-08, HTTP-10, HTTP-11, HTTP-15, HTTP-24, HTTP-25."""
    clock.advance(2)  # a second that is not over yet dates nothing
    answer = client.get("/feeds/theme/energy.rss")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Accept-Ranges"] == "none"
    assert answer.headers["Surrogate-Key"].startswith("category:")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["ETag"].startswith('"')
    assert "Last-Modified" in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Link"].split(", ") == [
        '<https://gazette.example/feeds/theme/energy.rss>; rel="self"; type="application/rss+xml"',
        '<https://gazette.example/theme/energy>; rel="alternate"; type="text/html"',
        '<https://gazette.example/feeds/theme/energy.atom>; rel="alternate"; type="application/atom+xml"',
        '<https://gazette.example/feeds/theme/energy.json>; rel="alternate"; type="application/feed+json"',
    ]


def test_304_repeats_what_a_cache_must_renew(client: FlaskClient) -> None:
    """HTTP-04, HTTP-10, HTTP-24."""
    whole = client.get("/feeds/all.atom")
    held = client.get("/feeds/all.atom", headers={"If-None-Match": whole.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Link", "Access-Control-Allow-Origin"):
        assert held.headers[name] == whole.headers[name]
    for name in ("Content-Type", "Content-Length", "Content-Encoding"):
        assert name not in held.headers


def test_status_by_method_coding_and_validator(client: FlaskClient, clock: ManualClock) -> None:
    """ORA-05: the whole table over HTTP."""
    clock.advance(2)
    path = "/feeds/author/ada-marsh.json"
    for method, coding in product(("GET", "HEAD"), ("identity", "gzip")):
        whole = client.get(path, headers={"Accept-Encoding": coding})
        tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
        table = {
            (): 200,
            (("If-None-Match", tag),): 304,
            (("If-None-Match", f"W/{tag}"),): 304,
            (("If-None-Match", '"other"'), ("If-Modified-Since", date)): 200,
            (("If-Modified-Since", date),): 304,
            (("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"),): 200,
        }
        for sent, status in table.items():
            answer = client.open(path, method=method, headers=[*sent, ("Accept-Encoding", coding)])
            assert answer.status_code == status, (method, coding, sent)
            assert answer.headers["ETag"] == tag


def test_gzip_holds_the_same_bytes(client: FlaskClient) -> None:
    plain = client.get("/feeds/all.atom")
    packed = client.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip"})
    again = client.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.data == again.data
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '.gz"'


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    """HTTP-07."""
    got, asked = client.get("/feeds/all.rss"), client.head("/feeds/all.rss")
    assert asked.data == b""
    assert list(asked.headers) == list(got.headers)


def test_other_methods_are_refused(client: FlaskClient) -> None:
    """HTTP-07."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.open("/feeds/all.atom", method=method)
        assert answer.status_code == 405
        assert {"GET", "HEAD"} <= {it.strip() for it in answer.headers["Allow"].split(",")}


def test_scripts_of_other_sites_may_ask_conditionally(client: FlaskClient) -> None:
    """HTTP-15."""
    answer = client.options("/feeds/all.json", headers={"Origin": "https://reader.example"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert listed(answer, "Allow-Methods") == {"GET", "HEAD"}
    assert listed(answer, "Allow-Headers") == {"A-IM", "If-Modified-Since", "If-None-Match"}
    assert "Access-Control-Allow-Credentials" not in answer.headers


def listed(answer: TestResponse, name: str) -> set[str]:
    return set(answer.headers[f"Access-Control-{name}"].split(", "))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feeds/all.atom", 200),
        ("GET", "/feeds.opml", 200),
        ("GET", "/feeds/nothing.atom", 404),
        ("GET", "/feeds/nothing", 404),
        ("POST", "/feeds/all.atom", 405),
        ("OPTIONS", "/feeds/all.atom", 200),
    ],
)
def test_scripts_of_other_sites_may_read_every_answer(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method, headers={"Origin": "https://reader.example"})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = {"ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"}
    assert listed(answer, "Expose-Headers") == exposed


def test_pages_are_not_shared_with_scripts_of_other_sites(client: FlaskClient) -> None:
    for path in ("/", "/feeds", "/nothing"):
        assert "Access-Control-Allow-Origin" not in client.get(path).headers


def test_the_query_has_no_say(client: FlaskClient) -> None:
    """HTTP-23."""
    plain = client.get("/feeds/all.atom")
    for query in ("?null", "?utm_source=x&page=2", "?q=<script>"):
        answer = client.get(f"/feeds/all.atom{query}")
        assert (answer.data, list(answer.headers)) == (plain.data, list(plain.headers))


def test_the_range_is_ignored(client: FlaskClient) -> None:
    """HTTP-14."""
    answer = client.get("/feeds/all.atom", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (200, client.get("/feeds/all.atom").data)


def test_no_request_header_reaches_the_document(client: FlaskClient) -> None:
    """ID-06, T18: addresses come from the settings, never from the request that filled a cache."""
    plain = client.get("/feeds/all.atom")
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "ftp",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/evil",
    }
    answer = client.get("/feeds/all.atom", headers=forged)
    assert (answer.data, list(answer.headers)) == (plain.data, list(plain.headers))


def test_there_is_no_such_feed(client: FlaskClient) -> None:
    for path in MISSING:
        assert client.get(path).status_code == 404, path


def test_a_new_article_stands_in_its_feeds_at_once(client: FlaskClient, runtime: Runtime) -> None:
    before = client.get("/feeds/theme/water.atom")
    fresh = newsroom.article(0, title="Fresh", slug="fresh", categories=(newsroom.WATER,))
    with runtime.store.writing() as tx:
        articles.save(tx, [fresh], now=newsroom.NOW)
    after = client.get("/feeds/theme/water.atom", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert entries(after)[0] == "Fresh"
    assert "Fresh" not in entries(client.get("/feeds/report/tide-lines.atom"))


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (None, "max-age=300, stale-while-revalidate=60, stale-if-error=86400"),
        (86_700, "max-age=300, stale-while-revalidate=60, stale-if-error=86400"),
        (86_699, "max-age=300, stale-while-revalidate=60, stale-if-error=3600"),
        (3_899, "max-age=300, stale-while-revalidate=60, stale-if-error=300"),
        (330, "max-age=300, stale-while-revalidate=30, stale-if-error=0"),
        (40, "max-age=40, stale-while-revalidate=0, stale-if-error=0"),
        (-1, "max-age=0, stale-while-revalidate=0, stale-if-error=0"),
    ],
)
def test_a_feed_is_not_kept_beyond_the_next_release(left: int | None, told: str) -> None:
    """HTTP-09."""
    due = None if left is None else newsroom.NOW + timedelta(seconds=left)
    assert cache_control(due, newsroom.NOW, 300) == f"public, {told}"


@given(
    left=st.integers(-9, 200_000), later=st.floats(0, 100_000), fresh=st.sampled_from([300, 86_400])
)
def test_how_long_a_feed_may_be_kept_is_told_anew_in_time(
    left: int, later: float, fresh: int
) -> None:
    now = newsroom.NOW
    due = now + timedelta(seconds=left)
    until = told_until(due, now, fresh)
    assert until is not None
    then = now + timedelta(seconds=later)
    if then < until:
        assert cache_control(due, then, fresh) == cache_control(due, now, fresh)


def test_opml_lists_every_feed(client: FlaskClient) -> None:
    """OPM-01, OPM-02."""
    answer = client.get("/feeds.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    outlines = read_opml(answer.data)
    groups = [it.text for it in outlines.outlines]
    assert groups == [
        "The Harbour Gazette", "Themes", "Regions", "In-depth reports", "Authors", "Partners",
        "Licenses",
    ]  # fmt: skip
    listed = [outlines.outlines[0], *(it for group in outlines.outlines for it in group.children)]
    assert len(listed) == 15
    for feed in listed:
        assert feed.type == "rss"
        path = (feed.xml_url or "").removeprefix("https://gazette.example")
        assert client.get(path).status_code == 200, feed


def test_opml_is_conditional_too(client: FlaskClient) -> None:
    """OPM-03."""
    whole = client.get("/feeds.opml")
    held = client.get("/feeds.opml", headers={"If-None-Match": whole.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert held.headers["Cache-Control"] == whole.headers["Cache-Control"]
