"""Lengths of enclosures that nobody told: asked of their servers once, with manners, and told by feeds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from feeds.model import Format, Media
from feeds.reading import read
from service import measuring, publish
from service import newsroom as desk
from service import runtime as running
from service.model import Selection
from service.store import leases, sources
from tests import newsroom
from tests.fakes import Reply, Upstream


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


@pytest.fixture
def runtime(configure, clock, upstream, parser):
    allowed = f'gap = "2s"\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]'
    config = configure(('gap = "0s"', allowed))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        yield held


def episode(runtime, *urls, number=1, **changed):
    media = tuple(Media(url, type="audio/mpeg") for url in urls)
    draft = newsroom.article(number, media=media)
    return desk.write(runtime, replace(draft, **changed))


def measure(runtime, clock, *, seconds=5):
    """One look of the scheduler."""
    measuring.measure_due(runtime, owner="test")
    clock.advance(seconds)


def told(runtime, kind=Format.RSS):
    body = publish.rendered(runtime, Selection(), kind).body
    entries = read(body, url="https://reader.example/").entries
    return [it.length for entry in entries for it in entry.media]


def asked(upstream):
    return [(it.method, it.path) for it in upstream.journal]


def audio(length=1000, **headers):
    return Reply(headers={"Content-Length": str(length), **headers})


@pytest.mark.parametrize("kind", Format)
def test_a_length_is_asked_for_once_and_told_by_feeds(runtime, upstream, clock, kind):
    url = upstream.script("/fog.mp3", audio(12345678))
    episode(runtime, url)
    before = publish.rendered(runtime, Selection(), kind)
    assert told(runtime, kind) == [None]
    for _ in range(3):
        measure(runtime, clock)
    assert asked(upstream) == [("HEAD", "/fog.mp3")]
    assert upstream.journal[0].headers["Accept-Encoding"] == "identity"
    assert "feedwright" in upstream.journal[0].headers["User-Agent"]
    assert told(runtime, kind) == [12345678]
    after = publish.rendered(runtime, Selection(), kind)
    assert after.change > before.change  # caches learn of it
    assert desk.find(runtime, "2026/11/article-1").updated == newsroom.article(1).updated
    episode(runtime, url, title="Edited")
    measure(runtime, clock)
    assert len(upstream.journal) == 1
    assert told(runtime, kind) == [12345678]


def test_a_server_without_head_is_asked_for_the_first_byte(runtime, upstream, clock):
    partial = Reply(206, {"Content-Range": "bytes 0-0/777", "Content-Length": "1"}, b"I")
    url = upstream.script("/fog.mp3", Reply(405), partial)
    episode(runtime, url)
    measure(runtime, clock)
    assert asked(upstream) == [("HEAD", "/fog.mp3"), ("GET", "/fog.mp3")]
    assert upstream.journal[1].headers["Range"] == "bytes=0-0"
    assert told(runtime) == [777]


def test_of_a_server_that_sends_the_whole_file_nothing_is_read(runtime, upstream, clock):
    endless = Reply(headers={"Content-Length": "999999999"}, endless=b"a" * 65536, pause=0.01)
    url = upstream.script("/fog.mp3", Reply(405), endless)
    episode(runtime, url)
    measure(runtime, clock)
    assert told(runtime) == [999999999]


@pytest.mark.parametrize(
    "answers",
    [
        [Reply(404)],
        [Reply(410)],
        [Reply(403), Reply(403)],
        [audio(0), audio(0)],
        [audio(5, **{"Content-Encoding": "gzip"}), Reply(206, {"Content-Range": "bytes 0-0/*"})],
    ],
)
def test_what_a_server_does_not_tell_is_not_asked_again(runtime, upstream, clock, answers):
    url = upstream.script("/fog.mp3", *answers)
    episode(runtime, url)
    for _ in range(4):
        measure(runtime, clock, seconds=100_000)
    assert len(upstream.journal) == len(answers)
    assert told(runtime) == [None]


def test_a_server_in_trouble_is_asked_three_times(runtime, upstream, clock):
    url = upstream.script("/fog.mp3", Reply(500), audio())
    episode(runtime, url)
    measure(runtime, clock)
    measure(runtime, clock, seconds=3600)
    assert len(upstream.journal) == 1
    measure(runtime, clock)
    assert (len(upstream.journal), told(runtime)) == (2, [1000])
    dead = upstream.script("/dead.mp3", Reply(503, {"Retry-After": "60"}))
    episode(runtime, dead, number=2)
    for _ in range(6):
        measure(runtime, clock, seconds=100_000)
    assert asked(upstream)[2:] == [("HEAD", "/dead.mp3")] * 3


def test_a_host_is_asked_one_thing_at_a_time_with_the_gap_between(runtime, upstream, clock):
    urls = [upstream.script(f"/{it}.mp3", audio(it)) for it in (1, 2, 3)]
    episode(runtime, *urls)
    measure(runtime, clock, seconds=1)
    measure(runtime, clock, seconds=1)  # within the gap
    assert len(upstream.journal) == 1
    measure(runtime, clock, seconds=2)
    host = sources.host_of(urls[0])
    with runtime.store.writing() as tx:  # a poller talks to it
        lease = leases.claim(tx, host, owner="other", now=clock.now(), lasting=timedelta(minutes=5))
    measure(runtime, clock, seconds=2)
    assert len(upstream.journal) == 2
    with runtime.store.writing() as tx:
        leases.release(tx, lease, not_before=clock.now())
    measure(runtime, clock, seconds=2)
    assert sorted(told(runtime, Format.ATOM)) == [1, 2, 3]


def test_too_many_requests_pause_the_host(runtime, upstream, clock):
    upstream.script("/1.mp3", Reply(429, {"Retry-After": "600"}), audio(1))
    upstream.script("/2.mp3", audio(2))
    episode(runtime, upstream.url("/1.mp3"), upstream.url("/2.mp3"))
    measure(runtime, clock)
    measure(runtime, clock, seconds=600)
    assert len(upstream.journal) == 1
    measure(runtime, clock)
    assert asked(upstream)[1:] == [("HEAD", "/2.mp3")]


def test_what_may_not_be_dialled_is_not(runtime, clock):
    with Upstream() as forbidden:
        url = forbidden.script("/fog.mp3", audio())
        episode(runtime, url, "https://gazette.example/a.mp3".replace("https", "ftp"))
        measure(runtime, clock)
        assert forbidden.journal == []
    assert told(runtime)[0] is None


def test_what_is_told_is_not_asked_for(runtime, upstream, clock):
    desk.write(runtime, newsroom.everything())
    measure(runtime, clock)
    assert upstream.journal == []
