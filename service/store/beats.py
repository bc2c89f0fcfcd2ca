"""When each part of the service was last seen at work, by the database's own clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, cast, insert, select, update

from service.store.schema import beats
from service.store.types import DatabaseTime

if TYPE_CHECKING:
    from service.store.database import Transaction

SCHEDULER = "scheduler"


def beat(tx: Transaction, name: str) -> None:
    """Write down that it is at work now."""
    statement = update(beats).where(beats.c.name == name).values(at=DatabaseTime())
    if tx.execute(statement).rowcount == 0:
        tx.execute(insert(beats).values(name=name, at=DatabaseTime()))


def age(tx: Transaction, name: str) -> timedelta | None:
    """How long ago it was seen at work; None if it never was."""
    microseconds = DatabaseTime() - cast(beats.c.at, BigInteger)
    found = tx.execute(select(microseconds).where(beats.c.name == name)).scalar_one_or_none()
    return None if found is None else timedelta(microseconds=int(found))
