"""Walks along shelves, which give the articles of a scope in the order of feeds."""

from __future__ import annotations

from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from msgspec import Struct

from service.store.schema import articles, places
from service.store.shelving import State, ranks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyroaring import BitMap

    from service.store.database import Transaction

_MOST_AT_ONCE = 8_192  # places read from a shelf in one statement
_LOOKED_UP = 500  # articles in one statement
_DEAR = 16  # looking an article up takes as long as walking past so many


class Place(NamedTuple):
    """An article on a shelf; in the order of feeds."""

    rank: int
    article: int  # row id


class Shelf(Struct, frozen=True):
    """One scope in one state."""

    id: int
    articles: int  # how many


def size(row: Sequence[Shelf]) -> int:
    """How many places there are on these shelves together."""
    return sum(it.articles for it in row)


def beginning(tx: Transaction, shelf: Shelf, limit: int, offset: int) -> list[Place]:
    """So many places of one shelf."""
    asked = {"shelf": shelf.id, "limit": limit, "offset": offset}
    return [Place(*row) for row in tx.execute(_BEGINNING, asked)]


def chosen(
    tx: Transaction, among: BitMap, row: Sequence[Shelf], state: State, likely: int
) -> Iterator[Place]:
    """What stands on any of these shelves and is among those, in order; mostly `likely` are wanted.

    A few are looked up; many soon come by on a walk.
    """
    if len(among) ** 2 * _DEAR <= size(row) * likely:
        return iter(looked_up(tx, among, state))
    return merged(tx, row, likely, among)


def looked_up(tx: Transaction, among: Iterable[int], state: State) -> list[Place]:
    """Those of these row ids that are in that state, in order; each takes a look at its article."""
    numbers = list(among)
    rows = (
        row
        for first in range(0, len(numbers), _LOOKED_UP)
        for row in tx.execute(_RANKED, {"numbers": numbers[first : first + _LOOKED_UP]})
    )
    ranked = ((ranks(row).get(state), row.id) for row in rows)
    return sorted(Place(rank, article) for rank, article in ranked if rank is not None)


def merged(
    tx: Transaction, row: Sequence[Shelf], likely: int, among: BitMap | None = None
) -> Iterator[Place]:
    """What stands on any of these shelves and is among those, each article once."""
    walks = [along(tx, shelf, likely, among) for shelf in row]
    ordered = walks[0] if len(walks) == 1 else merge(*walks)
    return (place for place, _ in groupby(ordered))


def along(
    tx: Transaction, shelf: Shelf, likely: int, among: BitMap | None = None
) -> Iterator[Place]:
    """The places of a shelf, read in batches that grow: mostly the first will do."""
    size = min(max(likely, 1), _MOST_AT_ONCE)
    rows = tx.execute(_BEGINNING, {"shelf": shelf.id, "limit": size, "offset": 0}).all()
    while rows:
        yield from (Place(*it) for it in rows if among is None or it[1] in among)
        if len(rows) < size:
            return
        last, size = rows[-1], min(size * 4, _MOST_AT_ONCE)
        asked = {"shelf": shelf.id, "limit": size, "rank": last[0], "article": last[1]}
        rows = tx.execute(_BEYOND, asked).all()


_RANKED = sa.select(
    articles.c.id,
    articles.c.status,
    articles.c.published,
    articles.c.release,
    articles.c.expires,
    articles.c.retracted,
).where(articles.c.id.in_(sa.bindparam("numbers", expanding=True)))
_OF_SHELF = (
    sa.select(places.c.rank, places.c.article_id)
    .where(places.c.shelf_id == sa.bindparam("shelf"))
    .order_by(places.c.rank, places.c.article_id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_BEGINNING = _OF_SHELF.offset(sa.bindparam("offset", type_=sa.Integer))
_BEYOND = _OF_SHELF.where(
    sa.tuple_(places.c.rank, places.c.article_id)
    > sa.tuple_(sa.bindparam("rank"), sa.bindparam("article"))
)
