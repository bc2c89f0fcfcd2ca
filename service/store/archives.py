"""The numbers that archives are cut by (RFC 5005 section 4): each scope counts what is published in it.

An archive holds the articles of as many numbers as every other, for ever; it is closed once the last of them
is given, and never gains an article again. What is corrected or comes back after that gets another number:
a reader that walks from its subscription down to the first archive it knows misses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from service.store.among import among
from service.store.many import Many, inserting
from service.store.schema import positions, scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.store.database import Transaction

HELD = 50  # numbers of an archive; with another, those that readers keep would hold something else

_LAST = select(scopes.c.last_number).where(scopes.c.scope == bindparam("scope"))
_BETWEEN = (
    select(positions.c.article_id, positions.c.number)
    .where(
        positions.c.scope == bindparam("scope"),
        positions.c.number > bindparam("after"),
        positions.c.number <= bindparam("last"),
    )
    .order_by(positions.c.number)
)
_COUNTED = select(scopes.c.scope, scopes.c.last_number).where(among(scopes.c.scope, "names"))
_NEWEST = (
    select(positions.c.article_id, positions.c.scope, func.max(positions.c.number).label("number"))
    .where(among(positions.c.article_id, "articles"))
    .group_by(positions.c.article_id, positions.c.scope)
)
_COUNT_ON = Many(
    update(scopes).where(scopes.c.scope == bindparam("name")).values(last_number=bindparam("last"))
)
_APPEND = inserting(positions)


def number(tx: Transaction, found: Mapping[int, Iterable[str]], *, are_new: bool = False) -> None:
    """Give articles the next number of each of their scopes that shows them nowhere but in a closed archive.

    `found` has the scopes by the row ids of the articles, in the order in which they are numbered. The scopes
    must have been appended to the change log in this transaction or before. Articles that `are_new` have no
    number yet.
    """
    names = {scope for scopes_ in found.values() for scope in scopes_}
    last = {row.scope: row.last_number for row in tx.execute(_COUNTED, {"names": sorted(names)})}
    given = () if are_new else tx.execute(_NEWEST, {"articles": list(found)})
    newest = {(row.article_id, row.scope): row.number for row in given}
    rows = []
    for article, scopes_ in found.items():
        for scope in sorted(scopes_):
            if not newest or newest.get((article, scope), 0) <= _archived(last[scope]):
                last[scope] += 1
                rows.append({"scope": scope, "number": last[scope], "article_id": article})
    if rows:
        grown = {row["scope"] for row in rows}
        _COUNT_ON.run(tx, [{"name": scope, "last": last[scope]} for scope in sorted(grown)])
        _APPEND.run(tx, rows)


def append(tx: Transaction, scope: str, found: Iterable[int]) -> None:
    """Give articles that have no number in a scope its next ones, in this order.

    The scope must have been appended to the change log in this transaction or before.
    """
    first = last(tx, scope) + 1
    rows = [
        {"scope": scope, "number": number, "article_id": it}
        for number, it in enumerate(found, first)
    ]
    if rows:
        _COUNT_ON.run(tx, [{"name": scope, "last": rows[-1]["number"]}])
        _APPEND.run(tx, rows)


def _archived(last: int) -> int:
    """The last number that stands in a closed archive."""
    return last // HELD * HELD


def places(tx: Transaction, article: int) -> dict[str, int]:
    """The closed archive that holds an article as it is now, by scope; 0 where none does yet."""
    rows = tx.execute(_NEWEST, {"articles": [article]}).all()
    return {
        row.scope: (row.number - 1) // HELD + 1
        if is_archived(row.number, last(tx, row.scope))
        else 0
        for row in rows
    }


def last(tx: Transaction, scope: str) -> int:
    """The last number that a scope has given; 0 for none."""
    return int(tx.execute(_LAST, {"scope": scope}).scalar() or 0)


def closed(last_number: int) -> int:
    """How many archives are closed by then; they are numbered from 1."""
    return last_number // HELD


def current(tx: Transaction, scope: str, last_number: int, size: int) -> dict[int, int]:
    """What a subscription has to show beside what it likes: row ids, each with its newest number.

    That is what no archive holds yet, and at least the last `size` numbers.
    """
    after = min(_archived(last_number), max(0, last_number - size))
    found = tx.execute(_BETWEEN, {"scope": scope, "after": after, "last": last_number})
    return {row.article_id: row.number for row in found}


def is_archived(number: int, last_number: int) -> bool:
    """Whether what has that number stands in a closed archive as it is now."""
    return number <= _archived(last_number)


def held(tx: Transaction, scope: str, archive: int) -> list[int]:
    """The row ids of what an archive holds, whatever became of it."""
    return _numbered(tx, scope, (archive - 1) * HELD, archive * HELD)


def closed_by(tx: Transaction, scope: str, archive: int) -> int:
    """The row id of what was the last to be added to an archive that is closed."""
    (found,) = _numbered(tx, scope, archive * HELD - 1, archive * HELD)
    return found


def _numbered(tx: Transaction, scope: str, after: int, to: int) -> list[int]:
    found = tx.execute(_BETWEEN, {"scope": scope, "after": after, "last": to})
    return sorted({row.article_id for row in found})
