"""How long enclosures are whose feeds or authors did not say: asked of their servers, and kept.

Each is known by its address and the article that it belongs to, so that an edit of the article asks for
nothing again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import bindparam, func, insert, select, update

from feeds.model import MediaRole
from service.model import Status
from service.store import sources
from service.store.schema import articles, lengths

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from feeds.model import Media
    from service.store.database import Transaction

_LONGEST = 2048  # bytes of an address: PostgreSQL indexes no more
_KNOWN = select(lengths.c.url).where(lengths.c.article_id == bindparam("article"))
_DUE = (
    select(lengths.c.host, func.min(lengths.c.url).label("url"))
    .where(lengths.c.next_at <= bindparam("now", type_=lengths.c.next_at.type))
    .group_by(lengths.c.host)
    .order_by(func.min(lengths.c.next_at), lengths.c.host)
    .limit(bindparam("most"))
)


class Unknown(Struct, frozen=True):
    """An enclosure whose length is to be asked of a host."""

    host: str
    url: str


def want(tx: Transaction, article: int, media: Iterable[Media], now: datetime) -> None:
    """Have the lengths asked for that are missing, unless they were before."""
    urls = {it.url for it in media if _is_wanted(it)}
    if urls:
        urls -= set(tx.execute(_KNOWN, {"article": article}).scalars())
    if urls:
        rows = [_row(article, url, now) for url in sorted(urls)]
        tx.execute(insert(lengths), rows)


def _is_wanted(it: Media) -> bool:
    is_web = it.url.startswith(("http://", "https://"))
    is_file = it.role is MediaRole.ENCLOSURE and not it.length
    return is_web and is_file and len(it.url.encode()) <= _LONGEST


def _row(article: int, url: str, now: datetime) -> dict[str, object]:
    host = sources.host_of(url)
    return {"url": url, "article_id": article, "host": host, "attempts": 0, "next_at": now}


def due(tx: Transaction, now: datetime, *, limit: int) -> list[Unknown]:
    """One enclosure of each host that is to be asked by now."""
    return [Unknown(*row) for row in tx.execute(_DUE, {"now": now, "most": limit})]


def begin(tx: Transaction, it: Unknown, now: datetime, pauses: tuple[timedelta, ...]) -> bool:
    """Note that the host is about to be asked, and that it is asked again after a pause if it fails; after
    the last of them never. Gives whether it was still to be asked.
    """
    mine = (lengths.c.url == it.url) & (lengths.c.next_at <= now)
    attempts = tx.execute(select(func.max(lengths.c.attempts)).where(mine)).scalar()
    if attempts is None:
        return False
    after = now + pauses[attempts] if attempts < len(pauses) else None
    tx.execute(update(lengths).where(mine).values(attempts=attempts + 1, next_at=after))
    return True


def settle(tx: Transaction, it: Unknown, length: int | None) -> list[int]:
    """Keep what the host said, also that it does not say. Gives the articles that it concerns."""
    mine = lengths.c.url == it.url
    tx.execute(update(lengths).where(mine).values(length=length, next_at=None))
    if length is None:
        return []
    shown = (
        select(lengths.c.article_id)
        .join(articles, articles.c.id == lengths.c.article_id)
        .where(mine, articles.c.status == Status.PUBLISHED.value)
    )
    return list(tx.execute(shown).scalars())
