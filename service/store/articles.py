"""Articles: the one gate by which content enters, and every way of finding it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec import Struct

from service.model import ALL, Article, Selection, Status
from service.store import selecting
from service.store.assembling import assemble
from service.store.moving import (
    expire_due,
    hold_back,
    let_out,
    release_due,
    restore,
    retract,
    surface,
    trade,
)
from service.store.saving import existing, save
from service.store.schema import articles, shelves
from service.store.searching import COUNTED
from service.store.selecting import (
    Resolved,
    first,
    number,
    resolved,
    those,
    unnumbered,
    unnumbered_of,
)
from service.store.shelving import State
from service.store.types import microseconds, moment
from service.store.walking import looked_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from service.store.database import Transaction

_ROW_ID = re.compile("[0-9]{1,18}")
_EVERYTHING = Selection()
_NUMBERED = sa.select(articles).where(
    articles.c.id.in_(sa.bindparam("numbers", type_=sa.Integer, expanding=True))
)
_KINDS = sa.select(shelves.c.state).where(shelves.c.scope == ALL, shelves.c.articles > 0)
_TIMED = {State.SCHEDULED, State.EXPIRING}

__all__ = [
    "COUNTED",
    "among",
    "at",
    "by_id",
    "count",
    "expire_due",
    "find",
    "first_expiry",
    "hold_back",
    "kinds",
    "known",
    "let_out",
    "listed",
    "newest",
    "next_change",
    "of",
    "release_due",
    "resolved",
    "restore",
    "retract",
    "save",
    "select",
    "shown",
    "surface",
    "trade",
    "unnumbered",
    "unnumbered_of",
    "withdrawn",
]


class Kinds(Struct, frozen=True):
    """Which kinds of articles there are."""

    timed: bool  # they are released or expire when their time has come
    withdrawn: bool


def select(
    tx: Transaction, selection: Selection | Resolved, *, limit: int, offset: int = 0
) -> list[Article]:
    """The published articles of a selection, newest first (ID-10: published descending, then id)."""
    return of(tx, newest(tx, selection, limit=limit, offset=offset))


def newest(
    tx: Transaction, selection: Selection | Resolved, *, limit: int, offset: int = 0
) -> list[int]:
    """The row ids of the same articles, in the same order."""
    found = first(tx, resolved(tx, selection), State.PUBLISHED, limit=limit, offset=offset)
    return [place.article for place in found]


def shown(tx: Transaction, selection: Selection | Resolved, numbers: Sequence[int]) -> list[int]:
    """Those of these row ids that are published and of the selection, in the same order."""
    found = those(tx, resolved(tx, selection), State.PUBLISHED, numbers)
    return [place.article for place in found]


def among(tx: Transaction, selection: Selection | Resolved, numbers: Iterable[int]) -> list[int]:
    """The same in no order, which costs less."""
    return selecting.among(tx, resolved(tx, selection), State.PUBLISHED, numbers)


def of(tx: Transaction, numbers: Sequence[int]) -> list[Article]:
    """The articles of these row ids, in their order; each has to exist."""
    rows = {row.id: row for row in tx.execute(_NUMBERED, {"numbers": list(numbers)})}
    return assemble(tx, [rows[number] for number in numbers])


def count(tx: Transaction, selection: Selection | Resolved) -> int:
    """How many articles of a selection are published; of a search, at most COUNTED + 1 are counted."""
    return number(tx, resolved(tx, selection), State.PUBLISHED)


def withdrawn(
    tx: Transaction,
    selection: Selection | Resolved,
    *,
    since: datetime,
    limit: int,
    among: Sequence[int] | None = None,
) -> list[int]:
    """The row ids of what was retracted after that of a selection, the latest retraction first.

    Of these (`among`), or of all.
    """
    wanted = resolved(tx, selection)
    if among is None:
        found = first(tx, wanted, State.RETRACTED, limit=limit)
    else:
        found = those(tx, wanted, State.RETRACTED, among)[:limit]
    return [place.article for place in found if place.rank < -microseconds(since)]


def at(tx: Transaction, path: str) -> Article | None:
    """The article of that path ("2026/11/slug"), whatever its status."""
    return _one(tx, articles.c.path == path)


def by_id(tx: Transaction, row_id: int) -> Article | None:
    """The article of that row id."""
    return _one(tx, articles.c.id == row_id)


def known(tx: Transaction, draft: Article) -> Article | None:
    """The article that saving this draft would edit."""
    row = existing(tx, draft)
    return by_id(tx, row.id) if row else None


def find(tx: Transaction, name: str) -> Article | None:
    """The article that a person means: by path, address, entry id, or row id."""
    page = name.rpartition("/articles/")[2]
    found = _one(tx, sa.or_(articles.c.path == page, articles.c.guid == name))
    if found is None and _ROW_ID.fullmatch(name):
        return by_id(tx, int(name))
    return found


def listed(tx: Transaction, *, status: Status | None, limit: int) -> list[Article]:
    """Articles of any status or of one, the last published first, for operators."""
    condition = [articles.c.status == status] if status else []
    query = (
        sa.select(articles)
        .where(*condition)
        .order_by(articles.c.published.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return assemble(tx, tx.execute(query).all())


def next_change(tx: Transaction, selection: Selection | Resolved = _EVERYTHING) -> datetime | None:
    """When time alone changes what a selection shows: a release or an expiry, also an overdue one."""
    wanted = resolved(tx, selection)
    coming = [
        place
        for state in (State.SCHEDULED, State.EXPIRING)
        for place in first(tx, wanted, state, limit=1)
    ]
    return moment(min(coming).rank) if coming else None


def first_expiry(tx: Transaction, numbers: Sequence[int]) -> datetime | None:
    """When the first of these row ids expires that is published."""
    found = looked_up(tx, numbers, State.EXPIRING)
    return moment(found[0].rank) if found else None


def kinds(tx: Transaction) -> Kinds:
    """What there is at all: most sites have nothing of these kinds most of the time."""
    found = {State(it) for it in tx.execute(_KINDS).scalars()}
    return Kinds(timed=bool(found & _TIMED), withdrawn=State.RETRACTED in found)


def _one(tx: Transaction, condition: ColumnElement[bool]) -> Article | None:
    rows: Sequence[Article] = assemble(tx, tx.execute(sa.select(articles).where(condition)).all())
    return rows[0] if rows else None
