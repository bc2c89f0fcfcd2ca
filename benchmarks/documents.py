"""Reading and writing a feed of 100 entries of 9 kB, against feedparser and against plain JSON."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import feedparser

from benchmarks.measuring import Comparison, Options, compare
from feeds.identity import canonical_url
from feeds.model import Category, Entry, Feed, Format, Person
from feeds.reading import read
from feeds.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRIES = 100
_TEXT = "<p>" + "The harbour was quiet until the second ferry came in. " * 160 + "</p>"
_START = datetime(2026, 1, 1, tzinfo=UTC)


def comparisons(options: Options) -> Iterator[Comparison]:
    """Every format, written and read."""
    feed = _feed()
    plain = [entry.content for entry in feed.entries]
    for kind in Format:
        document = write(feed, kind)
        yield compare(
            options,
            f"write {kind.label}",
            partial(write, feed, kind),
            "json.dumps of the texts",
            partial(json.dumps, plain),
            times=3,
        )
        if kind is not Format.JSON:
            yield compare(
                options,
                f"read {kind.label}",
                partial(read, document, url="https://a.example/"),
                "feedparser, cleaning off",
                partial(_by_feedparser, document),
                times=3,
            )


def _by_feedparser(document: bytes) -> object:
    return feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)


def _feed() -> Feed:
    return Feed(
        id="tag:a.example,2026:feed",
        title="A feed",
        link="https://a.example/",
        self_link="https://a.example/feed",
        updated=_START,
        entries=tuple(_entry(number) for number in range(_ENTRIES)),
    )


def _entry(number: int) -> Entry:
    when = _START - timedelta(hours=number)
    return Entry(
        id=f"tag:a.example,2026:{number}",
        title=f"Entry {number} & more",
        link=canonical_url(f"https://a.example/{number}"),
        authors=(Person("Ada Marsh"), Person("Ben Okoro")),
        published=when,
        updated=when,
        summary="What the harbour heard.",
        content=_TEXT,
        categories=(Category("energy", "https://a.example/theme", "Energy"),),
    )
