"""Which articles a selection means, in their order: walks along shelves, and sets of row ids for the rest.

One author, category or source is the beginning of one shelf, any of several is the shelves of all of them
merged. Everything else is worked out as a set from postings first; then either the few that are in it are
looked up, or the narrowest shelves are walked until enough of it have come by, whichever is less to read.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec import Struct, field
from msgspec.structs import replace
from pyroaring import BitMap

from service import words
from service.model import ALL
from service.selection import AUTHOR, LANGUAGE, LICENSE, SOURCE
from service.store.schema import (
    authors,
    categories,
    former_slugs,
    positions,
    postings,
    shelves,
)
from service.store.searching import answering, answers, counted
from service.store.shelving import State, language_scopes, license_scopes
from service.store.walking import Place, Shelf, beginning, chosen, looked_up, merged, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.model import Selection, Term
    from service.store.database import Transaction
    from service.words import Query


class Scoped(Struct, frozen=True):
    """A term by the scopes that its slugs mean; by none where they do not exist."""

    scopes: tuple[str, ...]
    negated: bool


class Resolved(Struct, frozen=True):
    """A selection whose slugs were looked up; good for the transaction that it was resolved in."""

    terms: tuple[Scoped, ...]
    query: Query | None
    shelves: dict[tuple[str, State], Shelf]
    sets: dict[State, BitMap] = field(default_factory=dict)  # worked out so far

    def of(self, term: Scoped, state: State) -> list[Shelf]:
        """The shelves of a term that have something on them."""
        found = (self.shelves.get((scope, state)) for scope in term.scopes)
        return [it for it in found if it and it.articles]

    def wanted(self, state: State) -> list[list[Shelf]]:
        """For each condition the shelves of which an article has to stand on one."""
        terms = [it for it in self.terms if not it.negated] or [Scoped((ALL,), negated=False)]
        return sorted((self.of(it, state) for it in terms), key=size)

    def refused(self, state: State) -> list[Shelf]:
        """The shelves on which none may stand."""
        return [shelf for it in self.terms if it.negated for shelf in self.of(it, state)]


def resolved(tx: Transaction, selection: Selection | Resolved) -> Resolved:
    """Look the slugs of a selection up, for whoever asks more than one thing about it.

    A slug that does not exist selects nothing.
    """
    if isinstance(selection, Resolved):
        return selection
    terms = tuple(Scoped(_scopes(tx, term), term.negated) for term in selection.terms)
    names = {ALL, *(scope for term in terms for scope in term.scopes)}
    found = tx.execute(_SHELVES, {"scopes": sorted(names)})
    return Resolved(
        terms,
        words.query(selection.query) if selection.query is not None else None,
        {(it.scope, State(it.state)): Shelf(it.id, it.articles) for it in found},
    )


def _scopes(tx: Transaction, term: Term) -> tuple[str, ...]:
    if term.field == SOURCE:
        return tuple(f"source:{slug}" for slug in term.slugs)
    if term.field == LANGUAGE:
        return tuple(scope for tag in term.slugs for scope in language_scopes(tx, tag))
    if term.field == LICENSE:
        return tuple(scope for name in term.slugs for scope in license_scopes(tx, name))
    asked = {"slugs": term.slugs, "field": term.field}
    if term.field == AUTHOR:
        return tuple(f"author:{it}" for it in tx.execute(_AUTHORS, asked).scalars())
    return tuple(f"category:{it}" for it in tx.execute(_CATEGORIES, asked).scalars())


def number(tx: Transaction, wanted: Resolved, state: State) -> int:
    """How many articles there are; of what answers a query, no more than COUNTED + 1 are counted."""
    rows = wanted.wanted(state)
    if wanted.query is not None:
        everything = _worked_out(tx, replace(wanted, query=None), state)
        return counted(tx, wanted.query, everything)
    if len(rows) == 1 and len(rows[0]) < 2 and not wanted.refused(state):
        return size(rows[0])
    return len(_set(tx, wanted, state))


def first(
    tx: Transaction, wanted: Resolved, state: State, *, limit: int, offset: int = 0
) -> list[Place]:
    """The first of them, in order."""
    rows = wanted.wanted(state)
    narrowest = rows[0]
    if not narrowest:
        return []
    if wanted.query is not None:
        found = answers(tx, wanted.query, narrowest[0], state, limit + offset)
    elif len(rows) > 1 or wanted.refused(state):
        found = chosen(tx, _set(tx, wanted, state), narrowest, state, limit + offset)
    elif len(narrowest) > 1:
        found = merged(tx, narrowest, limit + offset)
    else:
        return beginning(tx, narrowest[0], limit, offset)
    return list(islice(found, offset, offset + limit))


def those(tx: Transaction, wanted: Resolved, state: State, numbers: Iterable[int]) -> list[Place]:
    """Which of these row ids are among them, in order."""
    return looked_up(tx, _set(tx, wanted, state) & BitMap(numbers), state)


def among(tx: Transaction, wanted: Resolved, state: State, numbers: Iterable[int]) -> list[int]:
    """The same in no order, which takes no look at the articles."""
    return list(_set(tx, wanted, state) & BitMap(numbers))


def unnumbered(tx: Transaction, selection: Selection | Resolved, scope: str) -> list[int]:
    """The row ids of what is published of a selection and has no number in a scope, as it was saved."""
    published = _set(tx, resolved(tx, selection), State.PUBLISHED)
    return list(published - BitMap(tx.execute(_NUMBERED, {"scope": scope}).scalars()))


def unnumbered_of(
    tx: Transaction, selection: Selection | Resolved, scope: str, numbers: Sequence[int]
) -> list[int]:
    """The same of these row ids, the oldest first."""
    asked = {"scope": scope, "numbers": numbers}
    missing = BitMap(numbers) - BitMap(tx.execute(_NUMBERED_OF, asked).scalars())
    found = those(tx, resolved(tx, selection), State.PUBLISHED, missing)
    return [place.article for place in reversed(found)]


def _set(tx: Transaction, wanted: Resolved, state: State) -> BitMap:
    """The row ids of all of them."""
    if state not in wanted.sets:
        wanted.sets[state] = _worked_out(tx, wanted, state)
    return wanted.sets[state]


def _worked_out(tx: Transaction, wanted: Resolved, state: State) -> BitMap:
    rows = wanted.wanted(state)
    if not rows[0]:
        return BitMap()
    refused = wanted.refused(state)
    numbers = {shelf.id for row in (*rows, refused) for shelf in row}
    pieces: dict[int, list[BitMap]] = {}
    for it in tx.execute(_POSTINGS, {"shelves": sorted(numbers)}):
        pieces.setdefault(it.shelf_id, []).append(BitMap.deserialize(it.members))
    united = [_union(pieces, row) for row in rows]
    found = BitMap.intersection(*united)
    if wanted.query is not None:
        return answering(tx, wanted.query, found)
    return found - _union(pieces, refused) if refused else found


def _union(pieces: dict[int, list[BitMap]], row: Sequence[Shelf]) -> BitMap:
    return BitMap.union(*(piece for shelf in row for piece in pieces[shelf.id]))


_NUMBERED = sa.select(positions.c.article_id).where(positions.c.scope == sa.bindparam("scope"))
_NUMBERED_OF = _NUMBERED.where(positions.c.article_id.in_(sa.bindparam("numbers", expanding=True)))
_SLUGS: sa.BindParameter[str] = sa.bindparam("slugs", expanding=True)
_OWNERS = sa.select(former_slugs.c.owner).where(
    former_slugs.c.field == sa.bindparam("field"), former_slugs.c.slug.in_(_SLUGS)
)
_CANONICAL = sa.select(sa.func.coalesce(authors.c.alias_of, authors.c.id))
_AUTHORS = sa.union(
    _CANONICAL.where(authors.c.slug.in_(_SLUGS)), _CANONICAL.where(authors.c.id.in_(_OWNERS))
)
_IN_SCHEME = sa.select(categories.c.id).where(categories.c.scheme == sa.bindparam("field"))
_CATEGORIES = sa.union(
    _IN_SCHEME.where(categories.c.slug.in_(_SLUGS)), _IN_SCHEME.where(categories.c.id.in_(_OWNERS))
)
_SHELVES = sa.select(shelves).where(shelves.c.scope.in_(sa.bindparam("scopes", expanding=True)))
_POSTINGS = sa.select(postings.c.shelf_id, postings.c.members).where(
    postings.c.shelf_id.in_(sa.bindparam("shelves", expanding=True))
)
