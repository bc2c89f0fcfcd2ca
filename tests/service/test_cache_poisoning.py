"""T18: no header of the request that fills a cache is seen by the next reader."""

from __future__ import annotations

from itertools import chain, cycle, product

import pytest
from werkzeug.test import Client

from service.front import Front
from service.model import EVERYTHING
from service.runtime import Current
from service.store import changelog
from service.web import create_app

EVIL = (
    "evil.example",
    "evil.example:8443",
    "gazette.example:81",
    "gazette.example.evil.example",
    "GAZETTE.EXAMPLE",
    "gazette.example, evil.example",
    "evil.example\\@gazette.example",
    "user@gazette.example",
    "[::1]",
    "127.0.0.1",
    "",
    "\"><script>alert(1)</script>",
)  # fmt: skip
NAMES = (
    "Host",
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Host",
    "X-Original-Host",
    "X-HTTP-Host-Override",
    "Origin",
    "Referer",
    "Via",
)
PATHS = ("/evil", "/feeds/all.json", "https://evil.example/feeds/all.atom", "//evil.example/")
SCHEMES = ("http", "ftp", "javascript", "https, http")
OTHERS = {
    "X-Forwarded-Port": ("81", "-1", "443, 81"),
    "X-Forwarded-For": ("192.0.2.1", "evil.example"),
    "Forwarded": (
        "host=evil.example",
        "for=192.0.2.1;proto=ftp;host=evil.example:81",
        'host="evil.example"; by=_x',
    ),
    "Cookie": ("session=somebody", "a=b; session=x"),
    "Authorization": ("Basic ZXZpbDpldmls", "Bearer evil"),
    "Accept": ("text/html", "application/json", "*/*;q=0"),
    "Accept-Language": ("ar", "de;q=0.1"),
    "User-Agent": ("Mozilla/5.0", "Evil/1.0 (9999 subscribers)"),
    "Range": ("bytes=0-9", "bytes=-1"),
    "If-Range": ('"x"',),
    "If-Match": ('"x"', "*"),
    "X-HTTP-Method-Override": ("DELETE", "HEAD"),
    "X-HTTP-Method": ("POST",),
    "X-Real-IP": ("192.0.2.1", "evil.example"),
    "X-Requested-With": ("XMLHttpRequest",),
    "TE": ("trailers",),
    "Expect": ("100-continue",),
    "Transfer-Encoding": ("chunked",),
    "Upgrade": ("h2c",),
    "Cache-Control": ("no-cache", "no-store", "max-age=0", "only-if-cached"),
    "Pragma": ("no-cache",),
    "Save-Data": ("on",),
    "A-IM": ("feed",),
    "Prefer": ("return=minimal",),
}
# What a server before us may hand on of the request line: its target in absolute form, its port, its prefix.
LINES = (
    {"RAW_URI": "http://evil.example/feeds/all.atom"},
    {"REQUEST_URI": "http://evil.example/feeds/all.atom"},
    {"SERVER_NAME": "evil.example"},
    {"SERVER_PORT": "81"},
    {"SCRIPT_NAME": "/evil"},
    {"wsgi.url_scheme": "ftp"},
    {"QUERY_STRING": "null"},
    {"QUERY_STRING": "utm_source=evil&page=2"},
    {"QUERY_STRING": "page=999&format=html"},
    {"QUERY_STRING": "%00%ff"},
    {"REMOTE_ADDR": "192.0.2.1", "REMOTE_USER": "evil"},
)
FEEDS = [
    f"/feeds/{name}.{kind}"
    for name in ("all", "author/ada-marsh", "theme/energy", "region/islands", "source/lantern")
    for kind in ("atom", "rss", "json")
]


def mutations() -> list[dict[str, str]]:
    """Each as it stands in the WSGI environment."""
    named = chain(
        product(NAMES, EVIL),
        product(("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Script-Name"), PATHS),
        product(
            ("X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme", "Front-End-Https"), SCHEMES
        ),
        ((name, value) for name, values in OTHERS.items() for value in values),
    )
    spelt = [{f"HTTP_{name.upper().replace('-', '_')}": value} for name, value in named]
    both = [{**one, **spelt[3]} for one in LINES]
    return [*spelt, *LINES, *both]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_header_of_a_request_reaches_what_others_get(runtime, clock):
    clock.advance(5)
    current = Current(runtime)
    front = Front(create_app(current), current)
    client = Client(front)
    before = {path: client.get(path) for path in FEEDS}
    assert len(mutations()) >= 200
    for path, mutation in zip(cycle(FEEDS), mutations(), strict=False):
        if path == FEEDS[0]:  # each of the next is the first to ask for its feed
            with runtime.store.writing() as tx:
                changelog.expect(tx, [EVERYTHING], clock.now())
        poisoned = client.get(path, environ_overrides=mutation)
        if poisoned.status_code != 400:
            assert poisoned.status_code == 200, mutation
            assert poisoned.data == before[path].data, mutation
        after = client.get(path)
        assert after.data == before[path].data, mutation
        assert list(after.headers) == list(before[path].headers), mutation
    assert len(front._shelf) <= len(FEEDS)  # no query has an answer of its own
    front.close()


def test_nothing_sets_a_cookie(client):
    """HTTP-11."""
    for path in (
        *FEEDS,
        "/feeds.opml",
        "/",
        "/feeds",
        "/terms",
        "/feeds/nothing.atom",
        "/robots.txt",
    ):
        answer = client.get(path, headers={"Cookie": "session=x"})
        assert "Set-Cookie" not in answer.headers, path
