"""Other readers of feeds, each polling as its manual tells."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
from reader import make_reader

from benchmarks.polled import AT_ONCE, Ran, Seen, stages, watched

if TYPE_CHECKING:
    from benchmarks.upstream import Stage, Upstream


def by_feedparser(upstream: Upstream) -> Ran:
    """feedparser's own fetching and reading: conditional by the ETag it gave. It keeps nothing."""
    etags: dict[str, str] = {}

    def read(url: str) -> bool:
        found = feedparser.parse(url, etag=etags.get(url))
        etags[url] = found.get("etag", etags.get(url))
        return bool(found.entries)

    def read_all() -> tuple[int, None]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return sum(threads.map(read, upstream.urls)), None

    def poll(_stage: Stage) -> Seen:
        return watched(read_all)

    return stages(upstream, poll)


def by_reader(upstream: Upstream) -> Ran:
    """The library `reader`, which keeps entries in SQLite: all feeds, due or not, without its search."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "reader.db"))
        with make_reader(path, search_enabled=False) as reader:
            for url in upstream.urls:
                reader.add_feed(url)

            def update() -> tuple[int, int]:
                results = reader.update_feeds_iter(scheduled=False, workers=AT_ONCE)
                new = [feed.new for it in results if (feed := it.updated_feed)]
                return sum(number > 0 for number in new), sum(new)

            def poll(_stage: Stage) -> Seen:
                return watched(update)

            return stages(upstream, poll)
