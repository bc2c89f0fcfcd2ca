"""Partners on loopback: one feed on each of many hosts (127.x.y.z), served by one process."""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from benchmarks.processes import free_port
from feeds.model import Entry, Feed, Format, Person
from feeds.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = "/feed.atom"
_TEXT = "<p>" + "The harbour was quiet until the second ferry came in. " * 55 + "</p>"  # 3 kB
_START = datetime(2026, 1, 1, tzinfo=UTC)
_NAME = "partner.example"  # in the document that all hosts' documents are made of
_CHANGING = 10  # every tenth host
_MOST_NEW = 3  # entries


class Stage(IntEnum):
    """What the partners have published."""

    FIRST = 0
    SAME = 1
    CHANGED = 2  # a tenth of them one to three entries more


class Upstream:
    """The partners' addresses, and what they publish."""

    def __init__(self, hosts: int, entries: int, port: int, stage: Any) -> None:
        self.entries = entries
        self.addresses = [
            f"127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}" for n in range(hosts)
        ]
        self.urls = [f"http://{it}:{port}{_PATH}" for it in self.addresses]
        self.port = port
        self._stage = stage

    @property
    def stage(self) -> Stage:
        """What they have at the moment."""
        return Stage(self._stage.value)

    def publish(self, stage: Stage) -> None:
        """Let that be what they have."""
        self._stage.value = int(stage)

    def new(self, stage: Stage) -> int:
        """How many entries stand in all documents of a stage that did not in the one before."""
        news = {Stage.FIRST: [self.entries] * len(self.urls), Stage.SAME: []}
        return sum(news.get(stage, [_news(n) for n in range(0, len(self.urls), _CHANGING)]))

    def changed(self, stage: Stage) -> int:
        """How many hosts have something else than in the stage before."""
        return {
            Stage.FIRST: len(self.urls),
            Stage.SAME: 0,
            Stage.CHANGED: len(self.urls[::_CHANGING]),
        }[stage]


@contextmanager
def serving(hosts: int, entries: int) -> Iterator[Upstream]:
    """The partners, in a process of their own, for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    upstream = Upstream(hosts, entries, free_port(), context.Value("i", int(Stage.FIRST)))
    ready = context.Event()
    process = context.Process(target=_run, args=(upstream, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(30):
            raise TimeoutError("the partners' server did not start within 30 seconds")
        yield upstream
    finally:
        process.terminate()
        process.join()


def _run(upstream: Upstream, ready: Any) -> None:
    asyncio.run(_serve(upstream, ready))


async def _serve(upstream: Upstream, ready: Any) -> None:
    documents = [_document(upstream.entries + more) for more in range(_MOST_NEW + 1)]
    every_tenth = islice(enumerate(upstream.addresses), 0, None, _CHANGING)
    news = {address: _news(number) for number, address in every_tenth}
    answer = partial(_answer, upstream, documents, news)
    server = await asyncio.start_server(answer, upstream.addresses, upstream.port, backlog=64)
    async with server:
        ready.set()
        await server.serve_forever()


def _news(number: int) -> int:
    """How many entries a changed host has more."""
    return 1 + number // _CHANGING % _MOST_NEW


async def _answer(
    upstream: Upstream,
    documents: list[bytes],
    news: dict[str, int],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Answer one request, with 304 to who has the document already."""
    request = await reader.readuntil(b"\r\n\r\n")
    host: str = writer.get_extra_info("sockname")[0]
    more = news.get(host, 0) if upstream.stage is Stage.CHANGED else 0
    etag = b'"and-%d"' % more
    if etag in request:
        writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\nConnection: close\r\n\r\n" % etag)
    else:
        body = documents[more].replace(_NAME.encode(), host.encode())
        writer.write(
            b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Type: application/atom+xml\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n" % (etag, len(body)) + body
        )
    await writer.drain()
    writer.close()


def _document(entries: int) -> bytes:
    feed = Feed(
        id=f"tag:{_NAME},2026:feed",
        title=f"News of {_NAME}",
        link=f"http://{_NAME}/",
        self_link=f"http://{_NAME}{_PATH}",
        updated=_START,
        authors=(Person(f"Staff of {_NAME}"),),
        entries=tuple(_entry(number) for number in reversed(range(entries))),
    )
    return write(feed, Format.ATOM)


def _entry(number: int) -> Entry:
    when = _START + timedelta(hours=number)
    return Entry(
        id=f"tag:{_NAME},2026:{number}",
        title=f"Entry {number} of {_NAME}",
        link=f"http://{_NAME}/{number}",
        authors=(Person("Ada Marsh"),),
        published=when,
        updated=when,
        summary="What the harbour heard.",
        content=_TEXT,
    )
