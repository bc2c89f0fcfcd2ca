"""Slugs of former times: an author or category that has moved is still found by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.config.values import RESERVED
from service.errors import Refused
from service.store.schema import former_slugs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.store.database import Transaction

_OWNER = select(former_slugs.c.owner).where(
    former_slugs.c.field == bindparam("field"), former_slugs.c.slug == bindparam("slug")
)


def owner(tx: Transaction, field: str, slug: str) -> int | None:
    """The row id of what had that slug; None where nothing had, or something else has it now."""
    found: int | None = tx.execute(_OWNER, {"field": field, "slug": slug}).scalar_one_or_none()
    return found


def of(tx: Transaction, field: str, row_id: int) -> list[str]:
    """The slugs that something had before."""
    query = select(former_slugs.c.slug).where(
        former_slugs.c.field == field, former_slugs.c.owner == row_id
    )
    return list(tx.execute(query.order_by(former_slugs.c.slug)).scalars())


def require_free(tx: Transaction, field: str, slug: str, row_id: int) -> None:
    """Nothing may take a slug by which something else is still found, or that means something in addresses.

    Raises:
        Refused: It is such a slug.
    """
    if slug in RESERVED:
        raise Refused(f"{slug!r} means something else in addresses; take another")
    if owner(tx, field, slug) not in (None, row_id):
        raise Refused(f"{field}/{slug} is the former address of another and redirects there")


def keep(tx: Transaction, field: str, slugs: Iterable[str], row_id: int) -> None:
    """Let what now has another slug be found by these, too."""
    wanted = list(slugs)
    forget(tx, field, wanted)
    if wanted:
        tx.execute(
            insert(former_slugs),
            [{"field": field, "slug": slug, "owner": row_id} for slug in wanted],
        )


def forget(tx: Transaction, field: str, slugs: Iterable[str]) -> None:
    """These slugs are in use, or in use again."""
    tx.execute(
        delete(former_slugs).where(
            former_slugs.c.field == field, former_slugs.c.slug.in_(list(slugs))
        )
    )
