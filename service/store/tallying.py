"""How much is published of each author, category and source, as their shelves have it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from service.model import Status
from service.store.schema import places, shelves


class Portion(Struct, frozen=True):
    """A part of a long list: so many after the first ones, or those with the most articles."""

    limit: int
    offset: int = 0
    is_commonest: bool = False


def tallied(owner: sa.Table, kind: str, named: sa.Column[Any] | None = None) -> sa.Select[Any]:
    """Every row of a table whose scopes begin so and go on as in that column, or else with its row id; with
    the number of its published `articles`, and the rank of the `first` of them.
    """
    ranked = sa.select(places.c.rank).where(places.c.shelf_id == shelves.c.id)
    first = ranked.order_by(places.c.rank).limit(1).scalar_subquery()
    number = sa.func.coalesce(shelves.c.articles, 0)
    return sa.select(owner, number.label("articles"), first.label("first")).outerjoin(
        shelves, is_its(owner, kind, named)
    )


def cut(
    query: sa.Select[Any],
    shown: sa.Select[Any],
    order: tuple[sa.Column[Any], ...],
    portion: Portion | None,
) -> sa.Select[Any]:
    """That portion of a tallied() query, in this order; `shown` gives the row ids of all that it has."""
    owner = order[-1].table
    if portion is not None:
        first = (shelves.c.articles.desc(), *order) if portion.is_commonest else order
        chosen = shown.order_by(*first).limit(portion.limit).offset(portion.offset)
        query = query.where(owner.c.id.in_(chosen))
    return query.order_by(*order)


def is_its(
    owner: sa.Table, kind: str, named: sa.Column[Any] | None = None
) -> sa.ColumnElement[bool]:
    """Whether a shelf is that of the published articles of a row whose scopes are named so."""
    rest = sa.cast(owner.c.id, sa.String) if named is None else named
    scope = sa.literal(kind).concat(rest)
    return (shelves.c.scope == scope) & (shelves.c.state == Status.PUBLISHED.value)
