"""Numbers about the whole database, for metrics and `feedwright doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import func, select, text

from service.model import SourceState
from service.store.schema import articles, hosts, sources
from service.store.types import DatabaseTime

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from service.store.database import Store, Transaction


class Size(Struct, frozen=True):
    """How much room a database takes."""

    database: int  # bytes
    log: int | None  # bytes of SQLite's write-ahead log


def articles_by_status(tx: Transaction) -> dict[str, int]:
    """How many articles stand in which status."""
    query = select(articles.c.status, func.count().label("number")).group_by(articles.c.status)
    return {row.status: row.number for row in tx.execute(query)}


def sources_by_state(tx: Transaction) -> dict[str, int]:
    """How many sources are in which state."""
    query = select(sources.c.state, func.count().label("number")).group_by(sources.c.state)
    return {row.state: row.number for row in tx.execute(query)}


def failing(tx: Transaction) -> int:
    """How many sources that are polled failed at their last poll."""
    active = sources.c.state == SourceState.ACTIVE.value
    query = select(func.count()).select_from(sources).where(active, sources.c.failures > 0)
    return int(tx.execute(query).scalar_one())


def longest_due(tx: Transaction) -> datetime | None:
    """Since when, or from when on, the source is due that is to be polled first."""
    active = sources.c.state == SourceState.ACTIVE.value
    found: datetime | None = tx.execute(select(func.min(sources.c.next_at)).where(active)).scalar()
    return found


def abandoned_leases(tx: Transaction) -> int:
    """How many leases ran out because their holder never came back; their hosts are free again."""
    is_over = hosts.c.owner.is_not(None) & (hosts.c.leased_until <= DatabaseTime())
    query = select(func.count()).select_from(hosts).where(is_over)
    return int(tx.execute(query).scalar_one())


def overlong_leases(tx: Transaction, *, longest: timedelta) -> list[str]:
    """Hosts that are held for longer from now than any lease lasts: a clock was turned back."""
    until = DatabaseTime() + round(longest.total_seconds() * 1_000_000)
    query = select(hosts.c.name).where(hosts.c.leased_until > until).order_by(hosts.c.name)
    return list(tx.execute(query).scalars())


def size(store: Store, tx: Transaction) -> Size:
    """The room that the database takes."""
    path = store.sqlite_path
    if path is None:
        found = tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return Size(int(found), None)
    log = path.with_name(f"{path.name}-wal")
    return Size(path.stat().st_size, log.stat().st_size if log.exists() else 0)
