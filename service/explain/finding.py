"""What a name means: an address here or of the original, an entry id, a path, a number, or a source."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct, field

from feeds.identity import canonical_url, site
from service.store import articles, copies, sources, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config import Config
    from service.model import Article, Source
    from service.store import Transaction
    from service.store.tracing import Kept

_PATH = re.compile("[0-9]{4}/[0-9]{2}/[^/]+")
_NEAR = 5  # names told that are like one that is not known
_LIKE = 0.6  # of 1

LOOKED_FOR = (
    "an article by its address here, its path or its number",
    "an entry of any source by its id, or by the address of its page, in any spelling",
    "an article by the address of its original",
    "a source by its slug or the address of its feed",
)


class Found(Struct):
    """What belongs together: an article with its copies, and the entries that became these."""

    shown: Article | None  # None for entries that became no article
    copies: list[Article] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def find(tx: Transaction, config: Config, name: str) -> list[Found]:
    """All that a name means."""
    numbers = set(_articles(tx, config, name))
    kept = tracing.named(tx, name)
    numbers |= {it.entry.article for it in kept if it.entry.article}
    if not numbers and not kept:
        numbers = set(tracing.copied_from(tx, name))
    leaders = {copies.leader(tx, it) or it for it in numbers}
    found = [_whole(tx, it) for it in articles.of(tx, sorted(leaders))]
    return found + [Found(None, kept=[it]) for it in kept if it.entry.article is None]


def _articles(tx: Transaction, config: Config, name: str) -> Iterator[int]:
    path = _path(config, name)
    at = articles.at(tx, path) if path else articles.find(tx, name)
    if at is not None and (path or name in (at.guid, str(at.id))):  # find() heeds no host
        yield at.id


def _path(config: Config, name: str) -> str | None:
    """The path of an article from an address of its pages here, or as it is."""
    if site(name) is None:
        found = _PATH.match(name.strip("/").removeprefix("articles/"))
        return found[0] if found else None
    if site(name) != site(config.site.public_url):
        return None
    _, start, rest = urlsplit(name).path.partition("/articles/")
    found = _PATH.match(rest) if start else None
    return found[0] if found else None


def _whole(tx: Transaction, shown: Article) -> Found:
    tied = copies.of(tx, [shown.id]).get(shown.id, [])
    held = articles.of(tx, [it.article for it in tied])
    return Found(shown, held, tracing.of_articles(tx, [shown.id, *(it.id for it in held)]))


def sources_of(tx: Transaction, name: str) -> list[Source]:
    """The sources that have that slug, or a feed at that address."""
    wanted = canonical_url(name)
    return [
        it
        for it in sources.listed(tx)
        if name == it.slug or wanted in {canonical_url(url) for url in (it.url, it.address) if url}
    ]


def hosts_of(tx: Transaction, name: str) -> list[Source]:
    """The sources on whose site that address is."""
    at = site(name)
    return [
        it
        for it in sources.listed(tx)
        if at and at in {site(url) for url in (it.url, it.address, it.feed_home) if url}
    ]


def nearest(tx: Transaction, name: str) -> list[str]:
    """Known names that are like this one, the likest first."""
    known = tracing.neighbours(tx, name)
    urls = [url for it in sources.listed(tx) for url in (it.slug, it.url)]
    short = _bare(name)
    rated: defaultdict[float, list[str]] = defaultdict(list)
    for it in (*known, *urls):
        rated[SequenceMatcher(None, _bare(it), short).ratio()].append(it)
    ordered = [it for rate in sorted(rated, reverse=True) if rate >= _LIKE for it in rated[rate]]
    return ordered[:_NEAR]


def _bare(name: str) -> str:
    return name.partition("://")[2] or name
