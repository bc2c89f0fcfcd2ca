"""The change log: which scopes a commit touched, in commit order; and each scope's archive numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from service.model import EVERYTHING
from service.store.schema import changes, positions, scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.store.database import Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def append(tx: Transaction, touched: Iterable[str], now: datetime) -> None:
    """Write down that these scopes changed. One writer at a time keeps numbers in commit order.

    `now` has to be taken within the transaction: it becomes the Last-Modified of documents.
    """
    names = sorted(set(touched))
    if names:
        _touch(tx, names, now)
        tx.execute(insert(changes), [{"scope": name, "at": now} for name in names])


def _touch(tx: Transaction, names: Sequence[str], now: datetime) -> None:
    known = _touched(tx, names)
    newest = _newest(tx) if EVERYTHING in names else known.get(EVERYTHING, now)
    moments = {name: _after(max(newest, known.get(name, newest)), now) for name in names}
    rows = [{"name": name, "moment": moments[name]} for name in names if name in known]
    if rows:
        statement = update(scopes).where(scopes.c.scope == bindparam("name"))
        tx.execute(statement.values(touched=bindparam("moment", type_=scopes.c.touched.type)), rows)
    fresh = [name for name in names if name not in known]
    if fresh:
        values = [{"scope": it, "last_number": 0, "touched": moments[it]} for it in fresh]
        tx.execute(insert(scopes), values)


def _after(before: datetime, now: datetime) -> datetime:
    """Now; or, when the clock was turned back, a second later than what may have been told."""
    is_later = int(now.timestamp()) >= int(before.timestamp())
    return max(before, now) if is_later else before + timedelta(seconds=1)


def _touched(tx: Transaction, names: Sequence[str]) -> dict[str, datetime]:
    wanted = select(scopes.c.scope, scopes.c.touched).where(
        scopes.c.scope.in_([*names, EVERYTHING])
    )
    return {row.scope: row.touched for row in tx.execute(wanted)}


def _newest(tx: Transaction) -> datetime:
    newest: datetime | None = tx.execute(select(func.max(scopes.c.touched))).scalar_one()
    return newest or _EPOCH


def last(tx: Transaction) -> int:
    """The number of the newest change; 0 when nothing was ever written."""
    return int(tx.execute(select(func.coalesce(func.max(changes.c.number), 0))).scalar_one())


def since(tx: Transaction, number: int) -> tuple[int, frozenset[str]]:
    """The newest change number and every scope touched after `number`."""
    rows = tx.execute(
        select(changes.c.number, changes.c.scope).where(changes.c.number > number)
    ).all()
    return max((row.number for row in rows), default=number), frozenset(row.scope for row in rows)


def touched_at(tx: Transaction, names: Iterable[str]) -> datetime | None:
    """When any of these scopes, or everything, last changed; it never goes back."""
    query = select(func.max(scopes.c.touched)).where(scopes.c.scope.in_([*names, EVERYTHING]))
    touched: datetime | None = tx.execute(query).scalar_one()
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
