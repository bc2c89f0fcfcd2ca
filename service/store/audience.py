"""Numbers of readers by day and feed; what could tell one reader from another goes when the day is over."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, union_all, update

from service.audience import FeedCount, Sketch
from service.audience.counting import OTHERS
from service.store import meta
from service.store.schema import audiences, subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from service.store.database import Transaction

SALT = "salt of the day's readers"  # key in `meta`: "2026-11-28 and its salt"
MOST_FEEDS = 5000  # of a day
_SALT_BYTES = 32
_MOST_NAMES = 60  # of aggregators, of a day and feed
_BATCH = 200  # rows of one transaction


class Day(Struct, frozen=True):
    """What was asked of a feed on a day, UTC."""

    day: date
    feed: str  # its address on the site
    requests: int
    unchanged: int  # of these, answered by 304
    bytes: int
    readers: int  # who asked for themselves
    subscribers: int  # of aggregators


class Aggregator(Struct, frozen=True):
    """What an aggregator told last of its subscribers to a feed on a day."""

    day: date
    feed: str
    name: str
    subscribers: int


def salt(tx: Transaction, day: date) -> bytes | None:
    """The salt of that day, if it has one yet."""
    found = (meta.told(tx, SALT) or "").partition(" ")
    return bytes.fromhex(found[2]) if found[0] == day.isoformat() else None


def make_salt(tx: Transaction, day: date) -> bytes:
    """The salt of that day; the one of another day is gone then."""
    found = salt(tx, day)
    if found is None:
        found = secrets.token_bytes(_SALT_BYTES)
        meta.renew(tx, SALT, f"{day.isoformat()} {found.hex()}")
    return found


def add(tx: Transaction, day: date, counted: Mapping[str, FeedCount]) -> None:
    """Add to a day's numbers what a process has counted, feeds for which there is no room to the others."""
    at = day.isoformat()
    known = {row.feed: row for row in tx.execute(select(audiences).where(audiences.c.day == at))}
    room = max(0, MOST_FEEDS - len(known))
    new = [feed for feed in counted if feed not in known and feed != OTHERS]
    crowd = FeedCount()
    for feed in new[room:]:
        crowd.add(counted[feed])
    rest = {feed: count for feed, count in counted.items() if feed not in new[room:]}
    if crowd.requests:
        crowd.add(rest.get(OTHERS, FeedCount()))
        rest[OTHERS] = crowd
    for feed, count in rest.items():
        _save(tx, at, feed, known.get(feed), count)
        _hear(tx, at, feed, count.subscribers)


def _save(tx: Transaction, day: str, feed: str, row: Row[Any] | None, count: FeedCount) -> None:
    numbers = {
        "requests": count.requests,
        "unchanged": count.unchanged,
        "bytes": count.size,
        "sketch": count.readers.text,
    }
    if row is None:
        tx.execute(insert(audiences).values(day=day, feed=feed, readers=0, **numbers))
        return
    merged = {
        name: getattr(row, name) + numbers[name] for name in ("requests", "unchanged", "bytes")
    }
    if row.sketch is not None:  # else the day is settled; what comes late changes no reader
        merged["sketch"] = count.readers.merged(Sketch.parse(row.sketch)).text
    found = (audiences.c.day == day) & (audiences.c.feed == feed)
    tx.execute(update(audiences).where(found).values(merged))


def _hear(tx: Transaction, day: str, feed: str, told: Mapping[str, int]) -> None:
    """What aggregators tell now is what counts; so many more that nobody knows have no room any more."""
    if not told:
        return
    at = (subscribers.c.day == day) & (subscribers.c.feed == feed)
    known = set(tx.execute(select(subscribers.c.name).where(at)).scalars())
    for name, number in told.items():
        if name in known:
            found = at & (subscribers.c.name == name)
            tx.execute(update(subscribers).where(found).values(number=number))
        elif len(known) < _MOST_NAMES:
            known.add(name)
            tx.execute(insert(subscribers).values(day=day, feed=feed, name=name, number=number))


def days(tx: Transaction, since: date, feed: str | None = None) -> list[Day]:
    """The numbers of each day and feed from that day on, or of one feed, the oldest first."""
    found = [audiences.c.day >= since.isoformat()]
    found += [] if feed is None else [audiences.c.feed == feed]
    told = _subscribers(tx, since)
    query = select(audiences).where(*found).order_by(audiences.c.day, audiences.c.feed)
    return [
        Day(
            date.fromisoformat(row.day),
            row.feed,
            row.requests,
            row.unchanged,
            row.bytes,
            row.readers if row.sketch is None else Sketch.parse(row.sketch).count(),
            told.get((row.day, row.feed), 0),
        )
        for row in tx.execute(query)
    ]


def _subscribers(tx: Transaction, since: date) -> dict[tuple[str, str], int]:
    query = (
        select(subscribers.c.day, subscribers.c.feed, func.sum(subscribers.c.number))
        .where(subscribers.c.day >= since.isoformat())
        .group_by(subscribers.c.day, subscribers.c.feed)
    )
    return {(day, feed): int(number) for day, feed, number in tx.execute(query)}


def aggregators(tx: Transaction, since: date, feed: str) -> list[Aggregator]:
    """What each aggregator told last of a feed, since that day; the largest first."""
    query = (
        select(subscribers)
        .where(subscribers.c.day >= since.isoformat(), subscribers.c.feed == feed)
        .order_by(subscribers.c.day)
    )
    latest = {
        row.name: Aggregator(date.fromisoformat(row.day), row.feed, row.name, row.number)
        for row in tx.execute(query)
    }
    return sorted(latest.values(), key=lambda it: (-it.subscribers, it.name))


def reached(
    tx: Transaction, beginning: str, since: date, before: date
) -> list[tuple[str, str, int]]:
    """(day, feed, readers and subscribers) of the feeds whose address begins so, where there were any.

    Readers of a day that is not settled yet are not among them.
    """
    parts = [
        select(table.c.day, table.c.feed, number.label("number")).where(
            table.c.day >= since.isoformat(),
            table.c.day < before.isoformat(),
            table.c.feed.startswith(beginning, autoescape=True),
            number > 0,
        )
        for table, number in ((audiences, audiences.c.readers), (subscribers, subscribers.c.number))
    ]
    return [(day, feed, int(number)) for day, feed, number in tx.execute(union_all(*parts))]


def settle(tx: Transaction, today: date) -> int:
    """Keep of the days that are over their numbers alone; gives how many rows that concerned.

    The salt of another day goes first: without it nothing that is left tells one reader from another.
    """
    if salt(tx, today) is None:
        meta.renew(tx, SALT, "")
    query = (
        select(audiences)
        .where(audiences.c.day < today.isoformat(), audiences.c.sketch.is_not(None))
        .limit(_BATCH)
    )
    rows = tx.execute(query).all()
    for row in rows:
        found = (audiences.c.day == row.day) & (audiences.c.feed == row.feed)
        number = Sketch.parse(row.sketch).count()
        tx.execute(update(audiences).where(found).values(readers=number, sketch=None))
    return len(rows)


def forget(tx: Transaction, before: date) -> int:
    """Take away the numbers of one day before then; gives how many rows that were."""
    gone = 0
    for table in (audiences, subscribers):
        oldest = tx.execute(select(func.min(table.c.day))).scalar_one()
        if oldest is not None and oldest < before.isoformat():
            gone += tx.execute(delete(table).where(table.c.day == oldest)).rowcount
    return gone
