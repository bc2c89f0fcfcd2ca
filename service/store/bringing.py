"""Sources by what they have brought, for readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import func, select

from service.store.people import Counted
from service.store.schema import shelves, sources
from service.store.tallying import cut, is_its, tallied

if TYPE_CHECKING:
    from service.store.database import Transaction
    from service.store.tallying import Portion

_KIND = "source:"
_IS_SHOWN = shelves.c.articles > 0
_SHOWN = select(sources.c.id).join(shelves, is_its(sources, _KIND, sources.c.slug)).where(_IS_SHOWN)
_BY_SLUG = (sources.c.slug,)


class Bringer(Struct, frozen=True):
    """A source as readers know it."""

    slug: str
    name: str


def number(tx: Transaction) -> int:
    """How many sources have something published."""
    return int(tx.execute(select(func.count()).select_from(_SHOWN.subquery())).scalar_one())


def listed(tx: Transaction, portion: Portion | None = None) -> list[Counted[Bringer]]:
    """Every source with something published, by slug; or a portion of them."""
    every = tallied(sources, _KIND, sources.c.slug).where(_IS_SHOWN)
    rows = tx.execute(cut(every, _SHOWN, _BY_SLUG, portion))
    return [Counted.of(Bringer(row.slug, row.name), row) for row in rows]
