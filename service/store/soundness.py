"""Whether a database that is in use is sound, as far as its engine can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text

from service.store.types import DatabaseTime

if TYPE_CHECKING:
    from service.store.database import Transaction

_SHOWN = 3


def faults(tx: Transaction, *, deep: bool) -> list[str]:
    """What is wrong with the file, and with references between rows; the thorough look takes minutes.

    PostgreSQL sees to both by itself.
    """
    if tx.dialect.name != "sqlite":
        return []
    look = "integrity_check" if deep else "quick_check"
    told = list(tx.execute(text(f"PRAGMA {look}({_SHOWN})")).scalars())
    broken = tx.execute(text("PRAGMA foreign_key_check")).all()
    lost = [f"{len(broken)} rows lack what they refer to"] if broken else []
    return [*([] if told == ["ok"] else told), *lost]


def clock(tx: Transaction) -> int:
    """The database's own time, in microseconds since 1970."""
    return int(tx.execute(select(DatabaseTime())).scalar_one())
