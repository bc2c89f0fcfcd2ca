"""prepared(): all about entries that takes long and hangs on nothing but them, for where they are read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feeds import sanitize
from feeds.identity import content_digest

if TYPE_CHECKING:
    from collections.abc import Collection

    from feeds.model import Entry, Feed


def prepared(feed: Feed, *, url: str, spared: Collection[str] = ()) -> Feed:
    """The feed, which came from `url`, with digests of its entries, clean texts, and a summary for each.

    Pictures that count readers go, but for those from the hosts `spared`.
    """
    return replace(feed, entries=tuple(_entry(it, url, spared) for it in feed.entries))


def _entry(entry: Entry, url: str, spared: Collection[str]) -> Entry:
    base = entry.base or entry.link or url
    content = sanitize.clean(entry.content or "", base=base, spared=spared)
    return replace(
        entry,
        content=content or None,
        summary=entry.summary or sanitize.summary(content) or None,
        policy=sanitize.POLICY_VERSION,
        content_digest=content_digest(entry),
    )
