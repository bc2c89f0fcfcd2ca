"""Several authors who are one person become one, and are told apart again.

Who was merged stays in the table as an alias: what comes under that name later is still found to be theirs,
and articles are printed with the name that they were signed with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from service.errors import Refused
from service.model import EVERYTHING
from service.store import archives, changelog, shelving
from service.store.people import author_of
from service.store.schema import authors, bylines, positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.model import Author
    from service.store.database import Transaction

_NAMED = select(authors).where(authors.c.slug == bindparam("slug"))
_BY = (
    select(bylines.c.article_id)
    .join(authors, authors.c.id == bylines.c.author_id)
    .where(
        bylines.c.role == "author",
        or_(authors.c.id == bindparam("author"), authors.c.alias_of == bindparam("author")),
    )
)
_NUMBERED = select(positions.c.article_id).where(positions.c.scope == bindparam("scope"))


def merge(tx: Transaction, one: Author, into: Author, now: datetime) -> None:
    """Take an author for another: all that is by the one is by the other, under the name printed then.

    Raises:
        Refused: They are the same.
    """
    if one.id == into.id:
        raise Refused(f"{one.slug} and {into.slug} are the same author")
    tx.execute(update(authors).where(authors.c.alias_of == one.id).values(alias_of=into.id))
    is_its = {"alias_of": into.id, "merged_into": into.id}
    tx.execute(update(authors).where(authors.c.id == one.id).values(is_its))
    moved = shelving.carry(tx, f"author:{one.id}", f"author:{into.id}")
    _number(tx, f"author:{into.id}", moved, now)


def split(tx: Transaction, slug: str, now: datetime) -> Author:
    """Undo the merging of the author who has this slug. Gives the author, who is one again.

    Raises:
        Refused: No such author was merged into another.
    """
    row = tx.execute(_NAMED, {"slug": slug}).one_or_none()
    if row is None or row.alias_of is None:
        raise Refused(f"no author {slug!r} was merged into another")
    again = [row.id, *_merged_into(tx, row.id)]
    tx.execute(update(authors).where(authors.c.id.in_(again)).values(alias_of=row.id))
    is_own = {"alias_of": None, "merged_into": None}
    tx.execute(update(authors).where(authors.c.id == row.id).values(is_own))
    moved = shelving.carry(
        tx,
        f"author:{row.alias_of}",
        f"author:{row.id}",
        members=_by(tx, row.id),
        staying=_by(tx, row.alias_of),
    )
    _number(tx, f"author:{row.id}", moved, now)
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


def _by(tx: Transaction, author: int) -> set[int]:
    """The row ids of the articles of an author and all who were merged into it."""
    return set(tx.execute(_BY, {"author": author}).scalars())


def _number(tx: Transaction, scope: str, moved: Sequence[int], now: datetime) -> None:
    """Tell every cache, and number in the archives of a scope what came to it and was never there."""
    changelog.append(tx, [EVERYTHING, scope], now)
    known = set(tx.execute(_NUMBERED, {"scope": scope}).scalars())
    archives.append(tx, scope, [it for it in moved if it not in known])
