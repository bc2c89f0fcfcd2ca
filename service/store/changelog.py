"""The change log: which scopes a commit touched, in commit order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from service.model import EVERYTHING
from service.store import places
from service.store.among import among
from service.store.many import Many, inserting
from service.store.schema import changes, scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.store.database import Transaction

CHANNEL = "feedwright_changes"  # of PostgreSQL's NOTIFY
NEWEST = "SELECT coalesce(max(number), 0) FROM changes"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = select(func.coalesce(func.max(changes.c.number), 0))
_TOUCHED = select(func.max(scopes.c.touched)).where(among(scopes.c.scope, "names"))

_OF_SCOPES = select(scopes.c.scope, scopes.c.touched).where(among(scopes.c.scope, "names"))
_SINCE = (
    select(changes.c.scope, func.min(changes.c.number), func.max(changes.c.number))
    .where(changes.c.number > bindparam("number"))
    .group_by(changes.c.scope)
)
_TELL = inserting(changes, "number")
_OPEN = inserting(scopes)
_TOUCH = Many(
    update(scopes)
    .where(scopes.c.scope == bindparam("name"))
    .values(touched=bindparam("moment", type_=scopes.c.touched.type))
)


def append(tx: Transaction, touched: Iterable[str], now: datetime) -> None:
    """Write down that these scopes changed. One writer at a time keeps numbers in commit order.

    `now` has to be taken within the transaction: it becomes the Last-Modified of documents.
    """
    names = sorted(set(touched))
    if names:
        _touch(tx, [*names, *sorted(places.parts(names))], now)
        _tell(tx, names, now)


def expect(tx: Transaction, names: Iterable[str], now: datetime) -> None:
    """Write down that time will change these scopes: caches have to learn until when they are good.

    To readers nothing has changed yet: the Last-Modified of documents stays.
    """
    if ordered := sorted(set(names)):
        _tell(tx, ordered, now)


def _tell(tx: Transaction, names: Sequence[str], now: datetime) -> None:
    _TELL.run(tx, [{"scope": name, "at": now} for name in names])
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"NOTIFY {CHANNEL}")


def _touch(tx: Transaction, names: Sequence[str], now: datetime) -> None:
    known = _touched(tx, names)
    newest = _newest(tx) if EVERYTHING in names else known.get(EVERYTHING, now)
    rows = [
        {"name": name, "moment": _after(max(newest, known[name]), now)}
        for name in names
        if name in known
    ]
    _TOUCH.run(tx, rows)
    first = _after(newest, now)
    fresh = [name for name in names if name not in known]
    _OPEN.run(tx, [{"scope": it, "last_number": 0, "touched": first} for it in fresh])


def _after(before: datetime, now: datetime) -> datetime:
    """Now; or, when the clock was turned back, a second later than what may have been told."""
    is_later = int(now.timestamp()) >= int(before.timestamp())
    return max(before, now) if is_later else before + timedelta(seconds=1)


def _touched(tx: Transaction, names: Sequence[str]) -> dict[str, datetime]:
    rows = tx.execute(_OF_SCOPES, {"names": [*names, EVERYTHING]})
    return {row.scope: row.touched for row in rows}


def _newest(tx: Transaction) -> datetime:
    newest: datetime | None = tx.execute(select(func.max(scopes.c.touched))).scalar_one()
    return newest or _EPOCH


def last(tx: Transaction) -> int:
    """The number of the newest change; 0 when nothing was ever written."""
    return int(tx.execute(_LAST).scalar_one())


def since(tx: Transaction, number: int) -> dict[str, int]:
    """Every scope touched after `number`, with the number of its newest change.

    That is everything where the log no longer reaches back so far.
    """
    rows = tx.execute(_SINCE, {"number": number}).all()
    touched = {scope: newest for scope, _, newest in rows}
    oldest = min((it for _, it, _ in rows), default=number)
    if oldest > number + 1 and _is_trimmed(tx, number):
        return {EVERYTHING: max(touched.values())}
    return touched


def _is_trimmed(tx: Transaction, number: int) -> bool:
    """Whether changes after that number may be gone: the one itself is."""
    return tx.execute(select(changes.c.number).where(changes.c.number == number)).first() is None


def touched_at(tx: Transaction, names: Iterable[str]) -> datetime | None:
    """When any of these scopes, or everything, last changed; it never goes back."""
    touched: datetime | None = tx.execute(_TOUCHED, {"names": [*names, EVERYTHING]}).scalar_one()
    return touched


def each_touched_at(tx: Transaction, names: Sequence[str]) -> dict[str, datetime]:
    """When each of these scopes, or everything, last changed; without those of which that is not known."""
    known = _touched(tx, names)
    newest = known.get(EVERYTHING, _EPOCH)
    return {name: max(known[name], newest) for name in names if name in known}
