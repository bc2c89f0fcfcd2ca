"""Where an entry's article was first published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.model import Origin as FeedOrigin
from feeds.tracking import untracked
from service.model import Origin

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Entry, Feed
    from service.config import SourceSettings


def origin_of(entry: Entry, feed: Feed, settings: SourceSettings, now: datetime) -> Origin:
    """Where it was first published: as the entry says, or else the feed that brought it.

    The two are never mixed: one publisher's name would stand with another's addresses.
    """
    page = entry.via or entry.link
    first = entry.origin or _own(feed, settings)
    return Origin(
        source=settings.slug,
        title=first.title or settings.name,
        home=first.home,
        feed=first.feed,
        feed_id=first.id,
        url=untracked(page) if page else None,
        entry_id=entry.id,
        updated=first.updated and min(first.updated, now),
        authors=first.authors,
        rights=first.rights,
        license=first.license.uri if first.license else None,
    )


def _own(feed: Feed, settings: SourceSettings) -> FeedOrigin:
    """The source's feed itself as an origin."""
    return FeedOrigin(
        id=feed.id,
        title=settings.name,
        home=settings.home or feed.link,
        feed=feed.self_link or settings.url,
        updated=feed.updated,
        authors=feed.authors,
        rights=feed.rights,
        license=feed.license,
    )
