"""Feeds that lists have named, and the sources that they became."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import delete, insert, select

from service.config import Listed
from service.store.schema import listed, sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from service.store.database import Transaction


class Membership(Struct, frozen=True):
    """A feed with how it stands in its list."""

    listed: Listed
    missed: int = 0  # looks in a row at which the list did not name it
    gone: bool = False  # it was missed too often, and is no source any more


def every(tx: Transaction) -> list[Listed]:
    """The feeds that lists name, those of each in the order in which it named them first."""
    query = select(listed).where(~listed.c.gone).order_by(listed.c.list, listed.c.place)
    rows = tx.execute(query)
    return [_listed(row) for row in rows]


def of(tx: Transaction, name: str) -> list[Membership]:
    """All that the list of that slug has ever named, in the order in which it did."""
    rows = tx.execute(select(listed).where(listed.c.list == name).order_by(listed.c.place))
    return [Membership(_listed(row), row.missed, row.gone) for row in rows]


def keep(tx: Transaction, name: str, found: Iterable[Membership]) -> None:
    """Let a list have named these in this order, and nothing else."""
    tx.execute(delete(listed).where(listed.c.list == name))
    rows = [_row(it) | {"place": place} for place, it in enumerate(found)]
    if rows:
        tx.execute(insert(listed), rows)


def slugs(tx: Transaction) -> set[str]:
    """Every slug that a source has or had."""
    known = set(tx.execute(select(sources.c.slug)).scalars())
    return known.union(tx.execute(select(listed.c.slug)).scalars())


def lists(tx: Transaction) -> dict[str, str]:
    """Slugs of lists by those of the sources that they have brought, also of former ones."""
    return dict(map(tuple, tx.execute(select(listed.c.slug, listed.c.list))))


def _listed(row: Row[Any]) -> Listed:
    return Listed(row.slug, row.list, row.url, row.name, row.home)


def _row(it: Membership) -> dict[str, Any]:
    told = asdict(it.listed)
    return told | {"list": told.pop("of"), "missed": it.missed, "gone": it.gone}
