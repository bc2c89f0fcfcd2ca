"""Several authors who are one person become one, and are told apart again.

Who was merged stays in the table as an alias: what comes under that name later is still found to be theirs,
and articles are printed with the name that they were signed with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from service.errors import Refused
from service.model import EVERYTHING, Status
from service.store import archives, changelog, shelving
from service.store.people import author_of
from service.store.schema import articles, authors, bylines, positions
from service.store.shelving import Move, shelve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.model import Author
    from service.store.database import Transaction
    from service.store.shelving import Stand

_AT_ONCE = 500  # articles looked at in one statement
_NAMED = select(authors).where(authors.c.slug == bindparam("slug"))
_BY = (
    select(bylines.c.article_id)
    .join(authors, authors.c.id == bylines.c.author_id)
    .where(
        bylines.c.role == "author",
        or_(authors.c.id == bindparam("author"), authors.c.alias_of == bindparam("author")),
    )
)
_OLDEST = (
    select(articles.c.id)
    .where(articles.c.id.in_(_BY))
    .order_by(articles.c.published, articles.c.id)
)
_PUBLISHED = select(articles.c.id).where(articles.c.status == Status.PUBLISHED.value)
_NUMBERED = select(positions.c.article_id).where(positions.c.scope == bindparam("scope"))


def merge(tx: Transaction, one: Author, into: Author, now: datetime) -> None:
    """Take an author for another: all that is by the one is by the other, under the name printed then.

    Raises:
        Refused: They are the same.
    """
    if one.id == into.id:
        raise Refused(f"{one.slug} and {into.slug} are the same author")
    before = _stands(tx, one.id)
    tx.execute(update(authors).where(authors.c.alias_of == one.id).values(alias_of=into.id))
    is_its = {"alias_of": into.id, "merged_into": into.id}
    tx.execute(update(authors).where(authors.c.id == one.id).values(is_its))
    _rearrange(tx, before, into.id, now)


def split(tx: Transaction, slug: str, now: datetime) -> Author:
    """Undo the merging of the author who has this slug. Gives the author, who is one again.

    Raises:
        Refused: No such author was merged into another.
    """
    row = tx.execute(_NAMED, {"slug": slug}).one_or_none()
    if row is None or row.alias_of is None:
        raise Refused(f"no author {slug!r} was merged into another")
    before = _stands(tx, row.alias_of)
    again = [row.id, *_merged_into(tx, row.id)]
    tx.execute(update(authors).where(authors.c.id.in_(again)).values(alias_of=row.id))
    is_own = {"alias_of": None, "merged_into": None}
    tx.execute(update(authors).where(authors.c.id == row.id).values(is_own))
    _rearrange(tx, before, row.id, now)
    return author_of(tx.execute(_NAMED, {"slug": slug}).one())


def aliases(tx: Transaction, author: Author) -> list[Author]:
    """Who was merged into an author, whether at first hand or with another."""
    query = select(authors).where(authors.c.alias_of == author.id).order_by(authors.c.slug)
    return [author_of(row) for row in tx.execute(query)]


def _merged_into(tx: Transaction, row_id: int) -> Iterator[int]:
    query = select(authors.c.id).where(authors.c.merged_into == row_id)
    for found in tx.execute(query).scalars().all():
        yield found
        yield from _merged_into(tx, found)


def _stands(tx: Transaction, author: int) -> dict[int, Stand]:
    """Where the articles of an author stand, the oldest first."""
    found: dict[int, Stand] = {}
    for some in _slices(list(tx.execute(_OLDEST, {"author": author}).scalars())):
        stands = shelving.stands(tx, some)
        found |= {it: stands[it] for it in some}
    return found


def _rearrange(tx: Transaction, before: dict[int, Stand], author: int, now: datetime) -> None:
    """Put articles where they stand by now, and number those in the author's archives that are new there."""
    scope = f"author:{author}"
    changelog.append(tx, [EVERYTHING, scope], now)
    known = set(tx.execute(_NUMBERED, {"scope": scope}).scalars())
    for some in _slices(list(before)):
        after = shelving.stands(tx, some)
        shelve(tx, [Move(it, before[it], after[it]) for it in some])
        published = set(tx.execute(_PUBLISHED.where(articles.c.id.in_(some))).scalars())
        fresh = [it for it in some if it in published - known and scope in after[it].scopes]
        if fresh:
            archives.number(tx, {it: [scope] for it in fresh})


def _slices(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))
