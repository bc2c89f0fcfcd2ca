"""prepared(): all about entries that takes long and hangs on nothing but them, for where they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import sanitize
from feeds.identity import content_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import TypeAlias

    from feeds.model import Entry, Feed

    Words: TypeAlias = Callable[[str | None, str | None, str | None], str]
    Pack: TypeAlias = Callable[[str], bytes]


def prepared(
    feed: Feed,
    *,
    url: str,
    pack: Pack,
    spared: Collection[str] = (),
    words: Words = lambda *_: "",
) -> Feed:
    """The feed, which came from `url`, with digests of its entries, clean texts, and a summary for each.

    Pictures that count readers go, but for those from the hosts `spared`. `words` makes what a search wants
    of title, summary and clean text. `pack` makes Entry.markup of Entry.raw, which then goes.
    """
    return replace(feed, entries=tuple(_entry(it, url, spared, words, pack) for it in feed.entries))


def _entry(entry: Entry, url: str, spared: Collection[str], words: Words, pack: Pack) -> Entry:
    base = entry.base or entry.link or url
    content = sanitize.clean(entry.content or "", base=base, spared=spared)
    summary = entry.summary or sanitize.summary(content) or None
    return replace(
        entry,
        content=content or None,
        summary=summary,
        raw="",
        markup=pack(entry.raw),
        policy=sanitize.POLICY_VERSION,
        content_digest=content_digest(entry),
        words=words(entry.title, summary, content),
    )
