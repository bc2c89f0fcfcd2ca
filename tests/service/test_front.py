"""Feeds from memory: the same answers as Flask's, and never one that a commit has made stale."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from sqlalchemy import delete
from werkzeug.test import Client

from feeds.model import Format
from feeds.reading import read
from service import publish
from service import runtime as running
from service.front.tallies import Tally
from service.model import EVERYTHING, Status
from service.runtime import Current, Runtime
from service.store import Store, articles, audience, changelog, settings
from service.store.schema import changes
from service.store.settings import InForce
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.serving import until

ATOM = "/feeds/theme/energy.atom"


@pytest.fixture
def client(runtime: Runtime, fronted) -> Client:
    return Client(fronted(runtime))


def shows(runtime: Runtime, look: Callable[[], bool]) -> bool:
    """SQLite: at the next GET. PostgreSQL: within a second."""
    if runtime.store.is_sqlite:
        return look()
    return until(look, seconds=1)


def says(client: Client, title: str) -> bool:
    return title in client.get(ATOM).text


def edit(runtime: Runtime, **changed) -> None:
    other = Store(runtime.store.url)  # as another process would
    with other.writing() as tx:
        draft = replace(newsroom.everything(), **changed)
        articles.save(tx, [draft], now=NOW + timedelta(minutes=5))
    other.close()


@pytest.mark.parametrize("kind", Format)
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}], ids=["identity", "gzip"])
def test_front_answers_as_flask_does(client, runtime, clock, kind, headers):
    clock.advance(2)
    path = f"/feeds/all.{kind.value}"
    plain = create_app(Current(runtime)).test_client().get(path, headers=headers)
    for _ in range(2):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert dict(answer.headers) == dict(plain.headers)
        assert answer.data == plain.data


def test_the_second_reader_is_answered_from_memory(client, renderings):
    first, second = client.get(ATOM), client.get(ATOM + "?utm_source=x")
    assert second.data == first.data
    assert renderings == ["theme/energy.atom"]


def test_codings_have_tags_of_their_own(client):
    plain = client.get(ATOM)
    packed = client.get(ATOM, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_coding_is_made_when_its_body_is_first_asked_for(runtime, fronted, renderings):
    """A 304 needs none, and what is made counts against the memory allowed."""
    front = fronted(runtime)
    client, browser = Client(front), {"Accept-Encoding": "gzip, deflate, br, zstd"}
    plain = client.get(ATOM)
    before = front._shelf.size
    tag = plain.headers["ETag"][:-1] + '.zst"'
    assert client.get(ATOM, headers={**browser, "If-None-Match": tag}).status_code == 304
    assert front._shelf.size == before
    for _ in range(2):
        packed = client.get(ATOM, headers=browser)
        assert (packed.headers["Content-Encoding"], packed.headers["ETag"]) == ("zstd", tag)
        assert packed.headers["Content-Length"] == str(len(packed.data))
        assert front._shelf.size == before + len(packed.data)
    assert renderings == ["theme/energy.atom"]


def test_who_has_it_gets_304_without_rendering(client, renderings):
    etag = client.get(ATOM).headers["ETag"]
    answer = client.get(ATOM, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert "Content-Type" not in answer.headers
    assert renderings == ["theme/energy.atom"]


def test_head_has_no_body(client):
    answer = client.head(ATOM)
    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) == len(client.get(ATOM).data)


def test_the_next_reader_sees_what_was_committed(client, runtime):
    client.get(ATOM)
    edit(runtime, title="Tides, corrected")
    assert shows(runtime, lambda: "Tides, corrected" in client.get(ATOM).text)


def test_only_what_was_touched_is_rendered_again(client, runtime, renderings):
    client.get("/feeds/source/lantern.atom")
    client.get(ATOM)
    edit(runtime, title="Tides, corrected")
    assert shows(runtime, lambda: "Tides, corrected" in client.get(ATOM).text)
    client.get("/feeds/source/lantern.atom")
    assert renderings == ["source/lantern.atom", "theme/energy.atom", "theme/energy.atom"]


def test_a_scheduled_article_appears_when_its_time_has_come(client, clock, renderings):
    """Also when no scheduler runs: the first reader who could see it publishes it, and has it told anew."""
    before = client.get(ATOM)
    clock.advance(3599)
    assert client.get(ATOM).data == before.data
    assert "max-age=1," in client.get(ATOM).headers["Cache-Control"]
    clock.advance(1)
    after = client.get(ATOM)
    assert after.text.count("article-14") > before.text.count("article-14")
    assert client.get(ATOM).headers["ETag"] == after.headers["ETag"] != before.headers["ETag"]
    assert len(renderings) == 3


def test_an_article_that_is_scheduled_later_appears_in_time(client, runtime, clock, renderings):
    """The answer that was kept before learns until when it is good; its date does not move."""
    clock.advance(2)
    before = client.get(ATOM)
    due = NOW + timedelta(minutes=20)
    edit(runtime, guid="tag:a", slug="later", status=Status.SCHEDULED, published=due, updated=due)
    clock.advance(60 * 16)
    assert shows(runtime, lambda: ", max-age=238" in client.get(ATOM).headers["Cache-Control"])
    assert client.get(ATOM).headers["Last-Modified"] == before.headers["Last-Modified"]
    clock.advance(60 * 4)
    assert "/later" in client.get(ATOM).text


def test_a_busy_writer_holds_up_no_reader(client, runtime, clock):
    """What is due by time waits for the writer; readers get what there is."""
    client.get(ATOM)
    clock.advance(3600)
    other = Store(runtime.store.url)
    with other.writing():
        assert client.get(ATOM).status_code == 200
        assert "max-age=0" in client.get(ATOM).headers["Cache-Control"]
    other.close()
    assert "/article-14" in client.get(ATOM).text


def test_settings_of_a_newer_release_are_told_and_not_served(runtime, fronted, clock):
    client = Client(fronted(runtime))
    client.get(ATOM)
    with runtime.store.writing() as tx:
        settings.adopt(tx, InForce("9.9 other", clock.now(), "x", '{"holograms": true}'))
        changelog.append(tx, [EVERYTHING], clock.now())
    assert shows(runtime, lambda: client.get(ATOM).status_code == 503)
    assert client.get("/").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_readers_with_odd_headers_take_no_memory(runtime, fronted):
    front = fronted(runtime)
    client = Client(front)
    for number in range(9):
        client.get(ATOM, headers={"Accept-Encoding": "gzip, " + "x" * 9000 + str(number)})
    kept = front._shelf.get(ATOM)
    assert kept is not None
    assert not kept.known


def test_many_who_ask_at_once_are_answered_by_one_rendering(runtime, fronted, monkeypatch):
    rendering, asked = publish.rendered, []
    begun, may_end = threading.Event(), threading.Event()

    def slowly(*arguments):
        asked.append(arguments)
        begun.set()
        may_end.wait(10)
        return rendering(*arguments)

    monkeypatch.setattr(publish, "rendered", slowly)
    client = Client(fronted(runtime))
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(client.get, ATOM)]
        begun.wait(10)
        answers += [pool.submit(client.get, ATOM) for _ in range(7)]
        time.sleep(0.1)
        may_end.set()
        bodies = {answer.result().data for answer in answers}
    assert (len(asked), len(bodies)) == (1, 1)


def test_what_was_committed_while_it_was_made_is_not_kept(runtime, fronted, monkeypatch):
    rendering, edits = publish.rendered, ["Tides, once", "Tides, twice"]

    def overtaken(*arguments):
        made = rendering(*arguments)
        if edits:
            edit(runtime, title=edits.pop(0))
        return made

    monkeypatch.setattr(publish, "rendered", overtaken)
    front = fronted(runtime)
    client = Client(front)
    client.get(ATOM)
    if runtime.store.is_sqlite:
        assert "Tides, once" in client.get(ATOM).text
    assert shows(runtime, lambda: "Tides, twice" in client.get(ATOM).text)


def test_other_settings_are_adopted_with_the_next_request(runtime, configure, clock, fronted):
    running.adopt(runtime.store, runtime.config, clock)
    client = Client(fronted(runtime))
    assert "The Harbour Gazette" in client.get(ATOM).text
    renamed = configure(("The Harbour Gazette", "The Harbour Courant"))
    running.adopt(runtime.store, renamed, clock)

    def all_say(title: str) -> bool:
        return all(title in client.get(path).text for path in (ATOM, "/", "/terms"))

    assert shows(runtime, lambda: all_say("The Harbour Courant"))
    assert "The Harbour Gazette" not in client.get(ATOM).text


def test_a_log_that_was_trimmed_meanwhile_drops_everything(client, runtime):
    client.get(ATOM)
    edit(runtime, title="Tides, corrected")
    edit(runtime, title="Tides, corrected twice")
    with runtime.store.writing() as tx:
        tx.execute(delete(changes).where(changes.c.number < changelog.last(tx)))
    assert shows(runtime, lambda: "Tides, corrected twice" in client.get(ATOM).text)


def test_answers_are_counted(runtime, fronted):
    front = fronted(runtime)
    client = Client(front)
    etag = client.get(ATOM).headers["ETag"]
    client.get(ATOM, headers={"If-None-Match": etag})
    client.get("/terms")
    assert front.tallies.total() == Tally(whole=1, unchanged=1, rendered=1, passed=1)


def test_a_listener_that_lost_its_connection_hears_again(runtime, fronted):
    """PostgreSQL: what happens in between is seen as well."""
    client = Client(fronted(runtime))
    client.get(ATOM)
    for title in ("Tides, corrected", "Tides, corrected twice"):
        if not runtime.store.is_sqlite:
            with runtime.store.writing() as tx:
                tx.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'SELECT coalesce%%' AND pid <> pg_backend_pid()"
                )
        edit(runtime, title=title)
        assert shows(runtime, partial(says, client, title))


def test_memory_is_bounded(runtime, renderings, fronted):
    server = runtime.config.server.model_copy(update={"cache_bytes": 1})
    small = replace(runtime, config=runtime.config.model_copy(update={"server": server}))
    client = Client(fronted(small))
    assert client.get(ATOM).data == client.get(ATOM).data
    assert len(renderings) == 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feeds/theme/none.atom", 404),
        ("GET", "/", 200),
        ("POST", ATOM, 405),
        ("GET", "/feeds", 200),
    ],
)
def test_everything_else_is_flasks(client, method, path, status):
    assert client.open(path, method=method).status_code == status


def test_last_modified_waits_until_its_second_is_over(runtime, clock, fronted):
    """RFC 9110 section 8.8.2.2: within it, another change would go unseen by its date."""
    client = Client(fronted(runtime))
    assert "Last-Modified" not in client.get(ATOM).headers
    clock.advance(1)
    assert "Last-Modified" in client.get(ATOM).headers
    found = read(client.get(ATOM).data, url="https://gazette.example/", content_type=None)
    assert found.entries


def test_a_browser_that_opens_a_feed_is_shown_it(client):
    """XSL-02, XSL-03: the very same bytes, under a type that browsers show by the style sheet."""
    opened = {"Sec-Fetch-Dest": "document"}
    for path, media_type, shown in (
        (ATOM, "application/atom+xml; charset=utf-8", "application/xml; charset=utf-8"),
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8", "application/xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json", "application/feed+json"),
    ):
        looks = [client.get(path, headers=opened) for _ in range(2)]  # made, then kept
        read = client.get(path, headers={"Sec-Fetch-Dest": "empty"})
        assert {it.content_type for it in looks} == {shown}
        assert {it.cache_control.private for it in looks} == {True}
        assert {it.cache_control.max_age for it in looks} == {300}
        assert read.content_type == media_type
        assert read.cache_control.public
        assert {it.data for it in looks} == {read.data}
        held = client.get(path, headers={**opened, "If-None-Match": read.headers["ETag"]})
        assert held.status_code == 304


def test_the_style_sheet_of_feeds_is_served_and_kept(client):
    answer = client.get("/feeds.css")
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.cache_control.max_age == 24 * 3600
    assert "This is a feed" in answer.text
    named = f'<?xml-stylesheet type="text/css" href="{answer.request.path}"?>'
    assert named in client.get(ATOM).text
    assert client.get(ATOM).text.count("<?") == 2


LISTS = (
    "/feeds.opml",
    "/sitemap.xml",
    "/sitemaps/pages.xml",
    "/sitemaps/authors-1.xml",
    "/sitemaps/articles-1.xml",
)


def test_long_lists_are_kept_until_an_article_changes_them(runtime, fronted, clock):
    """With 20,000 authors, writing one takes most of a second."""
    clock.advance(2)
    front = fronted(runtime)
    client = Client(front)
    plain = {path: create_app(Current(runtime)).test_client().get(path) for path in LISTS}
    for path in LISTS:
        first = client.get(path)
        assert (first.data, dict(first.headers)) == (plain[path].data, dict(plain[path].headers))
        assert client.get(path).data == first.data
        tag = {"If-None-Match": first.headers["ETag"]}
        assert client.get(path, headers=tag).status_code == 304
    assert front.tallies.total().rendered == len(LISTS)
    edit(runtime, title="Tides", authors=(newsroom.Author(name="Dana Quill"),), slug="dana")
    articles_, authors = "/sitemaps/articles-1.xml", "/sitemaps/authors-1.xml"
    assert shows(runtime, lambda: "Dana Quill" in client.get("/feeds.opml").text)
    assert client.get(authors).text.count("/author/") == plain[authors].text.count("/author/") + 1
    assert client.get(articles_).data != plain[articles_].data


def test_long_lists_are_no_feeds_that_somebody_reads(runtime, fronted):
    front = fronted(runtime)
    client = Client(front)
    for path in (*LISTS, ATOM):
        client.get(path, headers={"User-Agent": "Reader/1"})
    front.readers.count()
    front.readers.save()
    with runtime.store.reading() as tx:
        assert {it.feed for it in audience.days(tx, NOW.date())} == {ATOM}
