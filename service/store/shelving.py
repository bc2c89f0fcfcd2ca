"""Where each article stands: one place in every scope that it is of, in the order that feeds show.

A shelf holds the articles of one scope in one state. Its places are in the order of their ranks, so that a
feed is a walk along the beginning of one; its postings are the same articles as compressed sets of row ids,
so that shelves are intersected, united and subtracted without a walk.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from msgspec import Struct, field
from pyroaring import BitMap

from service.model import ARTICLE, Status
from service.selection import REPUBLISHABLE
from service.store import meta, parts
from service.store.among import among
from service.store.many import Many, inserting, new_ids
from service.store.parts import FREE, LANGUAGE, LICENSE
from service.store.schema import articles, places, postings, shelves
from service.store.types import microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from service.store.database import Transaction

_CHUNK = 16  # bits: so many row ids share a posting
_AT_ONCE = 500  # shelves asked for in one statement
_Places = dict[tuple[str, "State"], list[tuple[int, int]]]  # rank and row id by shelf


class State(StrEnum):
    """In what sense an article stands on a shelf, and by which moment it is ranked there."""

    PUBLISHED = "published"  # the newest first
    RETRACTED = "retracted"  # the latest retraction first
    SCHEDULED = "scheduled"  # the next release first
    EXPIRING = "expiring"  # published until a moment: the next expiry first

    __hash__ = str.__hash__  # that of enumerations is slow


class Stand(Struct, frozen=True):
    """The scopes of an article, by their names in the change log, and its ranks: the lowest comes first."""

    scopes: frozenset[str] = frozenset()
    ranks: Mapping[State, int] = field(default_factory=dict)

    def spots(self) -> dict[tuple[str, State], int]:
        """Its rank on each shelf."""
        return {
            (it, state): rank
            for it in self.scopes
            if not it.startswith(ARTICLE)
            for state, rank in self.ranks.items()
        }


class Move(Struct, frozen=True):
    """An article that leaves some shelves, comes to others, or changes its rank."""

    article: int  # row id
    before: Stand
    after: Stand


NOWHERE = Stand()


def stands(tx: Transaction, numbers: Iterable[int]) -> dict[int, Stand]:
    """Where each of these articles has to stand by all that is written of it."""
    scopes = parts.scopes(tx, numbers)
    rows = tx.execute(_ARTICLES, {"numbers": list(scopes)})
    return {row.id: Stand(scopes[row.id], ranks(row)) for row in rows}


def ranks(row: Any) -> dict[State, int]:
    """The ranks of an article by its status, published, release, expires and retracted."""
    published = microseconds(row.published)
    if row.status == Status.RETRACTED:
        return {State.RETRACTED: -microseconds(row.retracted)}
    if row.status == Status.SCHEDULED:
        return {State.SCHEDULED: microseconds(row.release or row.published)}
    if row.status != Status.PUBLISHED:
        return {}
    if row.expires is None:
        return {State.PUBLISHED: -published}
    return {State.PUBLISHED: -published, State.EXPIRING: microseconds(row.expires)}


def is_spoken(tx: Transaction, tag: str) -> bool:
    """Whether an article of any state is, or once was, in that language."""
    return tx.execute(_SHELVES, {"scopes": [LANGUAGE + tag]}).first() is not None or _is_home(
        tx, tag
    )


def language_scopes(tx: Transaction, tag: str) -> list[str]:
    """The scopes of a language: if it is the site's, articles that name none are in it."""
    return [LANGUAGE + tag, *([LANGUAGE] if _is_home(tx, tag) else [])]


def license_scopes(tx: Transaction, name: str) -> list[str]:
    """The scopes of a license, or of all that let others republish in full."""
    if name == REPUBLISHABLE:
        return [FREE + it for it in meta.offered(tx)]
    return [LICENSE + name]


def _is_home(tx: Transaction, tag: str) -> bool:
    return LANGUAGE + tag in parts.languages(meta.spoken(tx))


def shelve(tx: Transaction, moves: Iterable[Move]) -> None:
    """Bring places and postings in line with where these articles stand now, each named once."""
    gone: _Places = {}
    come: _Places = {}
    for move in moves:
        before, after = move.before.spots(), move.after.spots()
        for at, rank in before.items():
            if after.get(at) != rank:
                gone.setdefault(at, []).append((rank, move.article))
        for at, rank in after.items():
            if before.get(at) != rank:
                come.setdefault(at, []).append((rank, move.article))
    _rearrange(tx, gone, come)


def carry(
    tx: Transaction,
    source: str,
    target: str,
    *,
    members: Collection[int] | None = None,
    staying: Collection[int] = (),
) -> list[int]:
    """Let what stands in one scope, or these `members` of it, stand in another; it leaves the one unless
    it is `staying`. Gives the row ids of what is published and new there, the oldest first.
    """
    gone: _Places = {}
    come: _Places = {}
    found = _found(tx, [source, target])
    for (scope, state), shelf in found.items():
        if scope != source:
            continue
        there = _members(tx, found.get((target, state)))
        rows = [(row.rank, row.article_id) for row in tx.execute(_PLACES, {"shelf": shelf})]
        moved = [it for it in rows if members is None or it[1] in members]
        gone[source, state] = [it for it in moved if it[1] not in staying]
        come[target, state] = [it for it in moved if it[1] not in there]
    _rearrange(tx, gone, come)
    return [it for _, it in reversed(come.get((target, State.PUBLISHED), []))]


def _members(tx: Transaction, shelf: int | None) -> BitMap:
    found = tx.execute(_ALL_POSTED, {"shelf": shelf}).scalars()
    return BitMap.union(BitMap(), *map(BitMap.deserialize, found))


def _rearrange(tx: Transaction, leaving: _Places, coming: _Places) -> None:
    wanted = {at for some in (leaving, coming) for at, places_ in some.items() if places_}
    if not wanted:
        return
    ids = _shelves(tx, wanted)
    left, joined = _placed(tx, _LEAVE, ids, leaving), _placed(tx, _PLACE, ids, coming)
    for shelf in joined.keys() & left.keys():
        stayed = joined[shelf] & left[shelf]
        joined[shelf] -= stayed
        left[shelf] -= stayed
    _count(tx, joined, left)
    _post(tx, joined, left)


def _placed(
    tx: Transaction, change: Many, ids: Mapping[tuple[str, State], int], found: _Places
) -> dict[int, set[int]]:
    """Add or take away these places. Gives the articles by the row ids of their shelves."""
    by_shelf = {ids[at]: some for at, some in found.items() if some}
    change.run(
        tx,
        [
            {"shelf_id": shelf, "rank": rank, "article_id": article}
            for shelf, some in by_shelf.items()
            for rank, article in some
        ],
    )
    return {shelf: {article for _, article in some} for shelf, some in by_shelf.items()}


def _shelves(
    tx: Transaction, wanted: Collection[tuple[str, State]]
) -> dict[tuple[str, State], int]:
    """The row ids of these shelves, which come to be if need be."""
    found = _found(tx, {scope for scope, _ in wanted})
    missing = sorted(set(wanted) - found.keys())
    if missing:
        ids = dict(zip(missing, new_ids(tx, shelves, len(missing)), strict=True))
        rows = [
            {"id": row_id, "scope": scope, "state": state.value, "articles": 0}
            for (scope, state), row_id in ids.items()
        ]
        _OPEN.run(tx, rows)
        found |= ids
    return found


def _found(tx: Transaction, scopes: Collection[str]) -> dict[tuple[str, State], int]:
    return {
        (row.scope, State(row.state)): row.id
        for some in _slices(sorted(scopes))
        for row in tx.execute(_SHELVES, {"scopes": some})
    }


def _count(
    tx: Transaction, joined: Mapping[int, Collection[int]], left: Mapping[int, Collection[int]]
) -> None:
    more = {
        shelf: len(joined.get(shelf, ())) - len(left.get(shelf, ()))
        for shelf in sorted(joined.keys() | left.keys())
    }
    rows = [{"shelf": shelf, "more": number} for shelf, number in more.items() if number]
    _RECOUNT.run(tx, rows)


def _post(
    tx: Transaction, joined: Mapping[int, Collection[int]], left: Mapping[int, Collection[int]]
) -> None:
    """Add and take away row ids, in the one posting of a shelf that each of them belongs to."""
    added, taken = _by_chunk(joined), _by_chunk(left)
    wanted = sorted(added.keys() | taken.keys())
    known = _known_postings(tx, wanted)
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for key in wanted:
        members = known.get(key, BitMap()) | BitMap(added.get(key, ()))
        members -= BitMap(taken.get(key, ()))
        row = {"shelf": key[0], "piece": key[1], "set": members.serialize()}
        rows[key in known].append(row)
    _REPOST.run(tx, rows[True])
    _POST.run(tx, rows[False])


def _by_chunk(members: Mapping[int, Collection[int]]) -> dict[tuple[int, int], list[int]]:
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for shelf, numbers in members.items():
        for number in numbers:
            found[shelf, number >> _CHUNK].append(number)
    return found


def _known_postings(
    tx: Transaction, wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], BitMap]:
    by_chunk: defaultdict[int, list[int]] = defaultdict(list)
    for shelf, chunk in wanted:
        by_chunk[chunk].append(shelf)
    return {
        (row.shelf_id, chunk): BitMap.deserialize(row.members)
        for chunk, numbers in by_chunk.items()
        for some in _slices(numbers)
        for row in tx.execute(_POSTED, {"shelves": some, "piece": chunk})
    }


def _slices(numbers: list[Any]) -> Iterable[list[Any]]:
    return (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))


_ARTICLES = sa.select(
    articles.c.id,
    articles.c.status,
    articles.c.published,
    articles.c.release,
    articles.c.expires,
    articles.c.retracted,
).where(among(articles.c.id, "numbers"))
_SHELVES = sa.select(shelves.c.id, shelves.c.scope, shelves.c.state).where(
    among(shelves.c.scope, "scopes")
)
_OPEN = inserting(shelves)
_PLACES = (
    sa.select(places.c.rank, places.c.article_id)
    .where(places.c.shelf_id == sa.bindparam("shelf"))
    .order_by(places.c.rank, places.c.article_id)
)
_ALL_POSTED = sa.select(postings.c.members).where(postings.c.shelf_id == sa.bindparam("shelf"))
_PLACE = inserting(places)
_LEAVE = Many(
    sa.delete(places).where(
        places.c.shelf_id == sa.bindparam("shelf_id"),
        places.c.rank == sa.bindparam("rank"),
        places.c.article_id == sa.bindparam("article_id"),
    )
)
_RECOUNT = Many(
    sa.update(shelves)
    .where(shelves.c.id == sa.bindparam("shelf"))
    .values(articles=shelves.c.articles + sa.bindparam("more"))
)
_POSTED = sa.select(postings.c.shelf_id, postings.c.members).where(
    among(postings.c.shelf_id, "shelves"),
    postings.c.chunk == sa.bindparam("piece"),
)
_POST = Many(
    sa.insert(postings).values(
        shelf_id=sa.bindparam("shelf"), chunk=sa.bindparam("piece"), members=sa.bindparam("set")
    )
)
_REPOST = Many(
    sa.update(postings)
    .where(postings.c.shelf_id == sa.bindparam("shelf"), postings.c.chunk == sa.bindparam("piece"))
    .values(members=sa.bindparam("set"))
)
