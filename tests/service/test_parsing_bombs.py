"""Documents made to hurt, through the whole service: each ends soon, is told, and disturbs nobody."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from feeds import fields
from feeds.errors import FeedError
from feeds.identity import READER_VERSION
from feeds.reading import read
from service import ingest
from service import runtime as running
from service.config import Config
from service.errors import Unreadable
from service.model import PollOutcome, PollResult, Selection, Source
from service.parsing import Parser
from service.runtime import Runtime
from service.store import articles, sources
from tests.bombs import ATOM, BOMBS, HEAD, JSON, MILLION, everywhere, item, within
from tests.fakes import ManualClock, Reply, Upstream
from tests.serving import free_port, served_at_once, until

URL = "https://lantern.example/feed"
SECONDS = 60  # by the clock, until any document has come to its end, whatever else the machine does
MEMORY = 32 * 1024 * 1024  # bytes that one may cost this process
GOOD = item(b"<title>One</title><link>https://lantern.example/1</link>")
SLOW = HEAD + b"&" * 4_500_000  # two seconds of work


@pytest.fixture(scope="module")
def strict_parser() -> Iterator[Parser]:
    """Short of time, so that the tests have some left."""
    parser = Parser(1, seconds=1)
    parser.read(GOOD, url=URL, content_type=None, known=())
    yield parser
    parser.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@contextmanager
def pulse() -> Iterator[list[float]]:
    """How many seconds this process has computed for in each of a thread's steps of 10 ms.

    What other processes do meanwhile does not count.
    """
    steps, ended = [0.0], threading.Event()

    def beat() -> None:
        while not ended.is_set():
            before = time.process_time()
            ended.wait(0.01)
            steps.append(time.process_time() - before)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield steps
    finally:
        ended.set()
        thread.join()


def memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_soon_and_costs_its_own_process_only(strict_parser, bomb):
    body, feed = bomb(), None
    before, begun = memory(), time.monotonic()
    with pulse() as steps, suppress(FeedError, Unreadable):
        feed = strict_parser.read(body, url=URL, content_type=None, known=())
    assert time.monotonic() - begun < SECONDS
    assert memory() - before < MEMORY
    assert max(steps) < 1
    if feed is not None:
        check_bounds(feed)


def test_no_document_opens_a_file_or_an_address(parser, upstream, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret")
    for name, body in everywhere(upstream.url(), secret.as_uri()).items():
        with suppress(FeedError):
            found = parser.read(body, url=URL, content_type=None, known=())
            assert "the-secret" not in repr(found), name
    assert upstream.journal == []


LIMITS = {
    "title": fields.TITLE,
    "name": fields.NAME,
    "email": fields.NAME,
    "role": fields.NAME,
    "term": fields.NAME,
    "label": fields.NAME,
    "type": fields.NAME,
    "editor": fields.NAME,
    "generator": fields.NAME,
    "language": fields.NAME,
    "published_raw": fields.NAME,
    "updated_raw": fields.NAME,
    "credit": fields.TITLE,
    "subtitle": fields.SUMMARY,
    "summary": fields.SUMMARY,
    "rights": fields.SUMMARY,
    "description": fields.SUMMARY,
    "comment": fields.SUMMARY,
    "content": fields.HTML,
}
UNBOUNDED = {"raw", "words"}  # as much as the document itself, or as the texts they are made of


def check_bounds(value: object) -> None:
    """Every text in a feed is as short as its field demands, every list too; addresses are the rest."""
    assert isinstance(value, Struct)
    for name in value.__struct_fields__:
        held = getattr(value, name)
        if isinstance(held, tuple):
            most = fields.ENTRIES if name in ("entries", "unchanged") else fields.MANY
            assert len(held) <= most, name
        for it in held if isinstance(held, tuple) else (held,):
            if isinstance(it, str) and name not in UNBOUNDED:
                assert len(it) <= LIMITS.get(name, fields.URL), name
                assert name not in ("id", "ref") or len(it.encode()) <= fields.ID
            elif isinstance(it, Struct):
                check_bounds(it)


def rss(element: str, text: bytes, size: int) -> bytes:
    return within(element, text * (size // len(text)))


def broken(element: str, text: bytes, size: int) -> bytes:
    return rss(element, text, size).replace(b"<item>", b"<item><br>")


def atom(element: str, text: bytes, size: int) -> bytes:
    name = element.encode()
    written = text * (size // len(text))
    return ATOM + b"<entry><id>a:b</id><%b>%b</%b></entry></feed>" % (name, written, name)


def attribute(markup: bytes) -> Callable[[int], bytes]:
    return lambda size: item(markup % (b"a" * size))


RSS = ["title", "description", "author", "category", "guid", "link", "pubDate", "comments"]
BROKEN = ["title", "description", "author", "category", "guid", "link", "pubDate"]
TYPED = ["title", "content", "summary", "rights", "updated", "published"]
FIELDS: dict[str, Callable[[int], bytes]] = {
    **{f"RSS {it}": partial(rss, it, b"a b&lt;b>") for it in RSS},
    **{f"RSS {it}, not well-formed": partial(broken, it, b"a b,c@d.e ") for it in BROKEN},
    **{f"Atom {it}": partial(atom, it, b"a &amp;lt;") for it in TYPED},
    "Atom name": lambda size: atom("author", b"<name>%b</name>" % (b"a b" * (size // 3 - 5)), size),
    "Atom XHTML": lambda size: atom("summary", b"<b>twenty-four bytes</b>", size).replace(
        b"<summary>", b"<summary type='xhtml'>"
    ),
    "an enclosure": attribute(b"<enclosure url='https://x.example/%b' type='a/b' length='1'/>"),
    "an enclosure's type": attribute(b"<enclosure url='https://x.example/' type='%b' length='1'/>"),
    "the base": attribute(b"<link xml:base='https://x.example/%b'>a</link>"),
    "JSON text": lambda size: JSON + b'[{"id":"1","content_text":"%b"}]}' % (b"a\\n\\n" * (size // 5)),
    "JSON title": lambda size: JSON + b'[{"id":"1","title":"%b"}]}' % (b"a " * (size // 2)),
}  # fmt: skip


@pytest.mark.parametrize("document", FIELDS.values(), ids=FIELDS)
def test_a_field_of_a_megabyte_is_cut_in_time_that_grows_as_its_size(document):
    for _ in range(4):
        half, whole = (seconds_for(document(size)) for size in (MILLION // 2, MILLION))
        if whole <= 2.5 * max(half, 0.02):
            return
    pytest.fail(f"{half:.3f} s for half a megabyte, {whole:.3f} s for a whole one")


def seconds_for(body: bytes) -> float:
    """The processor time that reading it takes."""
    before = time.process_time()
    feed = read(body, url=URL)
    taken = time.process_time() - before
    check_bounds(feed)
    return taken


EVERYTHING = item(
    b"".join(
        b"<%b>%b</%b>" % (name, text * (MILLION // len(text)), name)
        for name, text in (
            (b"title", b"a b "),
            (b"description", b"&lt;p>a "),
            (b"author", b"a@b "),
            (b"category", b"c "),
            (b"comments", b"https://x.example/"),
            (b"pubDate", b"1 "),
        )
    )
    + b"<category>c</category>" * 200
)


def test_a_megabyte_in_every_field_is_read_within_its_seconds(parser):
    begun = time.monotonic()
    check_bounds(parser.read(EVERYTHING, url=URL, content_type=None, known=()))
    assert time.monotonic() - begun < SECONDS


@pytest.fixture
def runtime(
    configure: Callable[..., Config], clock: ManualClock, upstream: Upstream, strict_parser: Parser
) -> Iterator[Runtime]:
    config = configure(
        ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
        (
            'gap = "0s"',
            f'gap = "0s"\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]'
            "\nwire_bytes = 10_000_000",
        ),
    )
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=strict_parser) as held:
        yield held


def polled(runtime: Runtime, upstream: Upstream, body: bytes) -> PollOutcome:
    upstream.script("/feed.atom", Reply(body=body))
    return ingest.poll_named(runtime, "lantern", owner="test")


def source(runtime: Runtime) -> Source:
    with runtime.store.reading() as tx:
        found = sources.at(tx, "lantern")
    assert found is not None
    return found


def test_a_poll_of_bombs_fails_with_a_reason_and_the_next_good_document_is_taken(runtime, upstream):
    for name in (
        "billion laughs",
        "50,000 entities in a chain",
        "200,000 deep",
        "JSON 200,000 deep",
    ):
        outcome = polled(runtime, upstream, BOMBS[name]())
        assert (outcome.result, bool(outcome.reason)) == (PollResult.FAILED, True), name
    assert source(runtime).failures == 4
    assert polled(runtime, upstream, GOOD).imported == 1
    assert source(runtime).failures == 0


def test_what_is_stored_of_a_document_of_megabytes_is_bounded(runtime, upstream):
    assert polled(runtime, upstream, EVERYTHING).imported == 1
    with runtime.store.reading() as tx:
        (article,) = articles.select(tx, Selection(), limit=10)
    assert len(article.title) <= fields.TITLE
    assert len(article.content) <= fields.HTML
    assert len(article.summary or "") <= fields.SUMMARY
    assert all(len(it.name) <= fields.NAME for it in article.authors)
    assert len(article.categories) <= fields.MANY


def test_a_document_that_no_reader_survives_is_asked_for_but_not_read_again(runtime, upstream):
    runtime = replace(runtime, parser=Parser(1, seconds=1))
    first = polled(runtime, upstream, SLOW)
    assert first.result is PollResult.FAILED
    assert re.fullmatch(
        "reading it takes more than 1 seconds|2 processes that read it ended, the last with .*",
        first.reason,
    )
    marked = source(runtime).quarantined
    runtime.parser.close()  # so that any reading would be told
    again = polled(runtime, upstream, SLOW)
    assert (again.result, again.reason) == (
        PollResult.FAILED,
        "the same bytes as before, which cannot be read",
    )
    assert (source(runtime).quarantined, source(runtime).failures) == (marked, 2)
    assert marked


def test_another_document_is_tried_and_ends_the_quarantine(runtime, upstream):
    with runtime.store.writing() as tx:
        sources.record(tx, replace(source(runtime), quarantined="1:00"))
    assert polled(runtime, upstream, b"<html></html>").result is PollResult.FAILED
    assert source(runtime).quarantined == "1:00"
    assert polled(runtime, upstream, GOOD).imported == 1
    assert source(runtime).quarantined is None


def test_what_another_release_could_not_read_is_tried_by_this_one(runtime, upstream):
    mark = f"{READER_VERSION - 1}:{sha256(GOOD).hexdigest()}"
    with runtime.store.writing() as tx:
        sources.record(tx, replace(source(runtime), quarantined=mark))
    assert polled(runtime, upstream, GOOD).imported == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_feeds_are_served_while_bombs_are_read(configure, upstream):
    upstream.script("/feed.atom", Reply(body=SLOW))
    upstream.script("/other.rss", Reply(body=BOMBS["50,000 entities in a chain"]()))
    port = free_port()
    config = configure(
        ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
        ("http://127.0.0.1:9/other.rss", upstream.url("/other.rss")),
        (
            '[fetch]\ngap = "0s"',
            f'[server]\nport = {port}\n\n[fetch]\ngap = "0s"\nallow_networks = ["127.0.0.0/8"]\n'
            f"allow_ports = [{upstream.port}]",
        ),
    )
    with served_at_once(config.file, port) as site, running.opened(config) as runtime:
        slugs = ("lantern", "unclear")

        def read() -> bool:
            assert site.get("/feeds/all.atom").ok
            with runtime.store.reading() as tx:
                return all(sources.at(tx, slug).last_poll for slug in slugs)

        until(read)
        assert site.get("/").ok
