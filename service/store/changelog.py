"""The change log: which scopes a commit touched, in commit order; and each scope's archive numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from service.model import EVERYTHING
from service.store.schema import changes, positions, scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.store.database import Transaction


def append(tx: Transaction, touched: Iterable[str], now: datetime) -> None:
    """Write down that these scopes changed. One writer at a time keeps numbers in commit order."""
    rows = [{"scope": scope, "at": now} for scope in sorted(set(touched))]
    if not rows:
        return
    _open_scopes(tx, [row["scope"] for row in rows], now)
    tx.execute(insert(changes), rows)


def _open_scopes(tx: Transaction, names: Sequence[object], now: datetime) -> None:
    known = set(tx.execute(select(scopes.c.scope).where(scopes.c.scope.in_(names))).scalars())
    tx.execute(update(scopes).where(scopes.c.scope.in_(known)).values(touched=now))
    fresh = [
        {"scope": name, "last_number": 0, "touched": now} for name in names if name not in known
    ]
    if fresh:
        tx.execute(insert(scopes), fresh)


def last(tx: Transaction) -> int:
    """The number of the newest change; 0 when nothing was ever written."""
    return int(tx.execute(select(func.coalesce(func.max(changes.c.number), 0))).scalar_one())


def since(tx: Transaction, number: int) -> tuple[int, frozenset[str]]:
    """The newest change number and every scope touched after `number`."""
    rows = tx.execute(
        select(changes.c.number, changes.c.scope).where(changes.c.number > number)
    ).all()
    return max((row.number for row in rows), default=number), frozenset(row.scope for row in rows)


def touched_at(tx: Transaction, names: Iterable[str]) -> datetime:
    """When any of these scopes, or everything, last changed; it never goes back."""
    query = select(func.max(scopes.c.touched)).where(scopes.c.scope.in_([*names, EVERYTHING]))
    touched: datetime = tx.execute(query).scalar_one()
    return touched


def number(tx: Transaction, article: int, names: Iterable[str]) -> None:
    """Give an article the next number of each scope that has not numbered it yet.

    The scopes must have been appended in this transaction or before.
    """
    have = set(
        tx.execute(select(positions.c.scope).where(positions.c.article_id == article)).scalars()
    )
    for scope in sorted(set(names) - have):
        following = tx.execute(
            update(scopes)
            .where(scopes.c.scope == scope)
            .values(last_number=scopes.c.last_number + 1)
            .returning(scopes.c.last_number)
        ).scalar_one()
        tx.execute(insert(positions).values(scope=scope, number=following, article_id=article))
