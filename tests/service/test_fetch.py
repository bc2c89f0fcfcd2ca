"""Asking an upstream server on loopback, which answers well, badly, slowly and without end."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from datetime import timedelta

import pytest

from service.errors import (
    AddressRefused,
    FetchError,
    TooLarge,
    TooManyHops,
    TooSlow,
    Unreachable,
)
from service.fetch import Fetcher, Hop
from service.guard import Guard
from tests.fakes import ManualClock, Reply, Upstream, conditional
from tests.service.fetching import CONFIG, within

FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'/>" * 20


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


@pytest.fixture
def fetching(upstream):
    """Make a Fetcher that may dial the upstream server, with limits of one's own."""

    def make(*, clock=None, resolve=None, **limits):
        allowed = {"allow_networks": ("127.0.0.0/8",), "allow_ports": (upstream.port,)}
        config = within(**{**allowed, **limits})
        guard = resolve and Guard(
            networks=config.fetch.networks, ports=config.fetch.allow_ports, resolve=resolve
        )
        return Fetcher(config, clock=clock, guard=guard)

    return make


@pytest.fixture
def get(fetching):
    return fetching().get


def test_an_answer(upstream, get):
    url = upstream.script(
        "/feed?a=1",
        Reply(
            headers={
                "Content-Type": "Application/Atom+XML; charset=utf-8",
                "ETag": 'W/"a b"',
                "Last-Modified": "yesterday, I think",
            },
            body=FEED,
        ),
    )
    answer = get(url)
    assert (answer.status, answer.url, answer.hops, answer.body) == (200, url, (), FEED)
    assert answer.headers["content-type"] == "Application/Atom+XML; charset=utf-8"
    assert answer.media_type == "application/atom+xml"
    assert (answer.etag, answer.last_modified) == ('W/"a b"', "yesterday, I think")
    assert answer.wire_bytes == len(FEED)
    assert not answer.not_modified


def test_what_is_sent(upstream, get, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    url = upstream.script("/feed", Reply(headers={"Set-Cookie": "a=b", "Refresh": "0"}))
    get(url)
    get(url)
    for request in upstream.journal:
        sent = {name.lower() for name in request.headers}
        assert sent == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    headers = upstream.journal[1].headers
    assert headers["User-Agent"].endswith(" (+https://harbour.example)")
    assert headers["User-Agent"].startswith("feedwright/")
    assert headers["Accept"].startswith("application/atom+xml, application/rss+xml")
    assert headers["Accept-Encoding"] == "gzip, deflate"


def test_validators_are_sent_as_they_came(upstream, get):
    feed = Reply(
        headers={"ETag": '"\xe9;x"', "Last-Modified": "Sun, 22 Nov 2026 1:00 GMT"}, body=FEED
    )
    url = upstream.script("/feed", conditional(feed))
    first = get(url)
    second = get(url, etag=first.etag, last_modified=first.last_modified)
    assert (second.status, second.not_modified, second.body) == (304, True, b"")
    headers = upstream.journal[1].headers
    assert headers["If-None-Match"].encode("latin-1", "surrogateescape") == '"\xe9;x"'.encode(
        "latin-1"
    )
    assert headers["If-Modified-Since"] == "Sun, 22 Nov 2026 1:00 GMT"
    get(url, last_modified=first.last_modified)
    assert "If-None-Match" not in upstream.journal[2].headers


def test_validators_go_to_the_url_that_they_belong_to(upstream, get):
    feed = upstream.script("/new", conditional(Reply(body=FEED)))
    moved = upstream.script("/old", Reply(301, {"Location": "/new"}))
    etag = get(moved).etag
    again = get(moved, etag=etag, validators_url=feed)
    assert again.status == 304
    assert [it.headers["If-None-Match"] for it in upstream.journal] == [None, None, None, etag]


@pytest.mark.parametrize("status", [204, 300, 401, 403, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(upstream, get, status):
    headers = {"Retry-After": "60", "Content-Encoding": "br"}
    answer = get(upstream.script("/", Reply(status, headers, b"" if status == 204 else b"x")))
    assert (answer.status, answer.headers["Retry-After"]) == (status, "60")
    assert not answer.body


def test_redirects_are_followed_and_told(upstream, get):
    first = upstream.script("/1", Reply(301, {"Location": "/2"}))
    second = upstream.script("/2", Reply(307, {"Location": upstream.url("/3#part")}))
    third = upstream.script("/3", Reply(body=FEED))
    answer = get(first)
    assert (answer.status, answer.url, answer.body) == (200, third, FEED)
    assert answer.hops == (Hop(301, second), Hop(307, third))


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/",
        "http://[::1]/",
        "http://127.0.0.1:1/",
        "http://user:password@127.0.0.1/",
        "https://:443/",
        "file:///etc/passwd",
        "ftp://partner.example/",
        "http://[",
        "http://a..b/",
        "//",
    ],
)
def test_redirects_go_through_the_guard(upstream, get, location):
    url = upstream.script("/", Reply(302, {"Location": location}))
    with pytest.raises(FetchError):
        get(url)
    assert len(upstream.journal) == 1


def test_the_body_of_a_redirect_is_not_read(upstream, get):
    url = upstream.script("/", Reply(302, {"Location": "/feed"}, bytes(1000), piece=1, pause=60))
    upstream.script("/feed", Reply(body=FEED))
    assert get(url).body == FEED


def test_a_redirect_may_be_written_in_utf8(upstream, get):
    location = "/é".encode().decode("latin-1")
    url = upstream.script("/", Reply(302, {"Location": location}))
    assert get(url).url == upstream.url("/é")
    assert upstream.journal[1].path == "/%C3%A9"


def test_redirects_in_a_circle(upstream, get):
    url = upstream.script("/1", Reply(302, {"Location": "/2"}))
    upstream.script("/2", Reply(302, {"Location": "/1"}))
    with pytest.raises(TooManyHops, match="circle"):
        get(url)
    assert len(upstream.journal) == 2


def test_redirects_without_end(upstream, fetching):
    for n in range(9):
        upstream.script(f"/{n}", Reply(302, {"Location": f"/{n + 1}"}))
    with pytest.raises(TooManyHops, match="more than 3 redirects"):
        fetching(hops=3).get(upstream.url("/0"))
    assert len(upstream.journal) == 4


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("GZip", gzip.compress(FEED[:99]) + gzip.compress(FEED[99:])),
        ("x-gzip", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
        ("identity", FEED),
    ],
)
def test_bodies_are_unpacked(upstream, get, coding, packed):
    answer = get(upstream.script("/", Reply(headers={"Content-Encoding": coding}, body=packed)))
    assert (answer.body, answer.wire_bytes) == (FEED, len(packed))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_need_not_be_packed(upstream, get, coding):
    assert get(upstream.script("/", Reply(headers={"Content-Encoding": coding}))).body == b""


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(gzip.compress(FEED, mtime=0), mtime=0)),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(FEED, mtime=0)[:-9]),
        ("deflate", zlib.compress(FEED)[:-9]),
        ("deflate", b"\xff"),
    ],
)
def test_bodies_that_cannot_be_unpacked(upstream, get, coding, packed):
    url = upstream.script("/", Reply(headers={"Content-Encoding": coding}, body=packed))
    with pytest.raises(FetchError, match="body"):
        get(url)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_bomb_is_stopped(upstream, get, pack):
    bomb = pack(bytes(50_000_000))
    coding = "gzip" if pack is gzip.compress else "deflate"
    url = upstream.script("/", Reply(headers={"Content-Encoding": coding}, body=bomb))
    with pytest.raises(TooLarge, match="unpacked"):
        get(url)


def test_limits_are_inclusive(upstream, fetching):
    url = upstream.script("/", Reply(body=bytes(2048)))
    assert len(fetching(wire_bytes=2048, body_bytes=2048).get(url).body) == 2048
    with pytest.raises(TooLarge):
        fetching(wire_bytes=2047).get(url)
    with pytest.raises(TooLarge):
        fetching(body_bytes=2047).get(url)


def test_an_endless_body_is_stopped(upstream, fetching):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = upstream.script(
        "/", Reply(raw=True, body=head + b"1000\r\n" + bytes(4096) + b"\r\n" * 999)
    )
    with pytest.raises(FetchError):
        fetching(wire_bytes=2048).get(url)


def test_a_dripping_body_ends_at_the_deadline(upstream, fetching):
    url = upstream.script("/", Reply(body=FEED, piece=1, pause=0.05))
    started = time.monotonic()
    with pytest.raises(TooSlow, match="1s"):
        fetching(total=timedelta(seconds=1)).get(url)
    assert time.monotonic() - started < 2


def test_silence_ends_a_fetch(upstream, fetching):
    url = upstream.script("/", Reply(body=FEED, pause=30))
    with pytest.raises(TooSlow, match="silent"):
        fetching(read=timedelta(seconds=0.2)).get(url)


def test_time_is_told(upstream, fetching):
    clock = ManualClock()

    def slow(_):
        clock.advance(1.5)
        return Reply(body=FEED)

    assert fetching(clock=clock).get(upstream.script("/", slow)).milliseconds == 1500


def test_redirects_share_the_deadline(upstream, fetching):
    clock = ManualClock()

    def slow(_):
        clock.advance(21)
        return Reply(302, {"Location": "/2"})

    with pytest.raises(TooSlow):
        fetching(clock=clock).get(upstream.script("/1", slow))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
    ],
)
def test_broken_answers(upstream, get, answer):
    url = upstream.script("/secret-path", Reply(raw=True, body=answer))
    with pytest.raises(Unreachable) as caught:
        get(url)
    assert "secret" not in str(caught.value)


def test_nobody_there(fetching):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="does not answer"):
        fetching(allow_ports=(port,)).get(f"http://127.0.0.1:{port}/secret")


def test_the_name_stays_in_host_header_and_tls(upstream, fetching):
    get = fetching(resolve=lambda _host, _port: ["127.0.0.1"]).get
    upstream.script("/", Reply(body=FEED))
    assert get(f"http://partner.example:{upstream.port}/").body == FEED
    assert upstream.journal[0].headers["Host"] == f"partner.example:{upstream.port}"


def test_tls_asks_for_the_name():
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def listen():
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        guard = Guard(
            networks=within(allow_networks=("127.0.0.0/8",)).fetch.networks,
            ports=[port],
            resolve=lambda _host, _port: ["127.0.0.1"],
        )
        fetcher = Fetcher(CONFIG, guard=guard)
        with pytest.raises(Unreachable):
            fetcher.get(f"https://partner.example:{port}/")
        thread.join()
    assert b"partner.example" in heard[0]


def test_nothing_is_dialled_that_is_not_allowed(upstream):
    fetcher = Fetcher(CONFIG)
    with pytest.raises(AddressRefused):
        fetcher.get(upstream.url("/"))
    assert upstream.journal == []
