"""What outlives a restore: numbers that were given out once are not given out again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field
from sqlalchemy import func, insert, select, text, update

from service.model import EVERYTHING
from service.store import changelog
from service.store.schema import hosts, metadata, scopes

if TYPE_CHECKING:
    from service.store.database import Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class Standing(Struct, frozen=True):
    """How far a database has counted."""

    sequences: dict[str, int] = field(default_factory=dict)  # the last row id of each table
    fences: dict[str, int] = field(default_factory=dict)  # of each host
    touched: int = 0  # when a scope last changed, microseconds since 1970, UTC


def go_on_from(tx: Transaction, before: Standing, now: datetime) -> None:
    """Have a restored SQLite database count on from where it and its predecessor were.

    Row ids, change numbers and fences stay above both, no lease is held, and every document counts as
    changed: later than anything that its readers were told.
    """
    for table, number in before.sequences.items():
        if table in metadata.tables:
            _raise_sequence(tx, table, number)
    _raise_fences(tx, before.fences)
    newest = max(before.touched, _newest(tx))
    changelog.append(tx, [EVERYTHING], max(now, _EPOCH + timedelta(microseconds=newest) + _SECOND))


def _raise_sequence(tx: Transaction, table: str, number: int) -> None:
    values = {"table": table, "number": number}
    raised = tx.execute(
        text("UPDATE sqlite_sequence SET seq = max(seq, :number) WHERE name = :table"), values
    )
    if raised.rowcount == 0:
        tx.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :number)"), values)


def _raise_fences(tx: Transaction, before: dict[str, int]) -> None:
    found = {row.name: row.fence for row in tx.execute(select(hosts.c.name, hosts.c.fence))}
    fence = max([0, *found.values(), *before.values()]) + 1
    tx.execute(update(hosts).values(owner=None, leased_until=None, fence=fence))
    gone = [{"name": name, "fence": fence} for name in before.keys() - found.keys()]
    if gone:
        tx.execute(insert(hosts), gone)


def _newest(tx: Transaction) -> int:
    newest: datetime | None = tx.execute(select(func.max(scopes.c.touched))).scalar_one()
    return (newest - _EPOCH) // timedelta(microseconds=1) if newest else 0
