"""Copies of an article that other sources sent, too: kept unseen, and shown as its further origins.

A copy is an article of its own, which its source goes on editing; a row of `merges` ties it to the article
that stands for all of them, its leader.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, func, insert, or_, select, union

from service.store import changelog, shelving
from service.store.among import among
from service.store.schema import articles, entries, merges, origins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from service.store.database import Transaction

_ACTIVE = merges.c.undone.is_(None)
_FOUND = (
    select(
        entries.c.source_id,
        entries.c.key,
        entries.c.page,
        entries.c.article_id,
        func.coalesce(merges.c.article_id, entries.c.article_id).label("leader"),
    )
    .outerjoin(merges, (merges.c.copy_id == entries.c.article_id) & _ACTIVE)
    .where(entries.c.article_id.is_not(None))
)
_TWINS = union(
    _FOUND.where(among(entries.c.alias, "aliases")),
    _FOUND.where(among(entries.c.page, "pages")),
)
_OURS = select(articles.c.guid, articles.c.path)
_OWN = _OURS.where(among(articles.c.guid, "guids"), articles.c.source.is_(None))
_AT = _OURS.where(among(articles.c.path, "paths"))
_COPIES = (
    select(merges.c.article_id, merges.c.copy_id, articles.c.source)
    .join(articles, articles.c.id == merges.c.copy_id)
    .where(among(merges.c.article_id, "leaders"), _ACTIVE)
    .order_by(merges.c.id)
)
_ORIGINS = (
    select(
        origins,
        or_(origins.c.source.is_(None), origins.c.source == articles.c.source).label("is_own"),
    )
    .join(articles, articles.c.id == origins.c.article_id)
    .where(among(origins.c.article_id, "numbers"))
    .order_by(origins.c.article_id, origins.c.position)
)
_FORGET = delete(origins).where(
    origins.c.article_id == bindparam("article"), origins.c.position >= bindparam("first")
)
_LEADER = select(merges.c.article_id).where(merges.c.copy_id == bindparam("copy"), _ACTIVE)


class Twin(Struct, frozen=True):
    """A kept entry that may be of the same article."""

    source: int  # row id
    key: str
    page: str | None
    article: int  # row id
    leader: int  # row id of the article that it is shown as


class Copy(Struct, frozen=True):
    """A copy of an article."""

    article: int  # row id
    source: str  # slug


def twins(tx: Transaction, aliases: Collection[str], pages: Collection[str]) -> list[Twin]:
    """Entries of all sources that have one of these aliases or pages, those of leaders first."""
    wanted = {"aliases": list(aliases), "pages": list(pages)}
    rows = tx.execute(_TWINS, wanted).all()
    return sorted(
        (Twin(*row) for row in rows),
        key=lambda it: (it.leader, it.article != it.leader, it.article),
    )


def ours(tx: Transaction, guids: Collection[str], paths: Collection[str]) -> dict[str, str]:
    """The paths of the newsroom's own articles with these ids, and of all articles at these paths.

    By what they were found by.
    """
    found = {}
    if guids:
        found = {row.guid: row.path for row in tx.execute(_OWN, {"guids": list(guids)})}
    if paths:
        found |= {row.path: row.path for row in tx.execute(_AT, {"paths": list(paths)})}
    return found


def of(tx: Transaction, leaders: Iterable[int]) -> dict[int, list[Copy]]:
    """The copies of each of these articles, the first that came first."""
    found: defaultdict[int, list[Copy]] = defaultdict(list)
    for row in tx.execute(_COPIES, {"leaders": list(leaders)}):
        found[row.article_id].append(Copy(row.copy_id, row.source))
    return found


def leader(tx: Transaction, copy: int) -> int | None:
    """The article that a copy is shown as."""
    return tx.execute(_LEADER, {"copy": copy}).scalar()


def credit(tx: Transaction, article: int, now: datetime) -> None:
    """Let an article name its own origin and those of its copies, in the order in which they came."""
    numbers = [article, *(it.article for it in of(tx, [article]).get(article, ()))]
    told = _origins(tx, numbers)
    own = [row for number in numbers for row in told[number] if row.pop("is_own")]
    wanted = [{**row, "article_id": article, "position": n} for n, row in enumerate(own)]
    stands = [{name: it for name, it in row.items() if name != "is_own"} for row in told[article]]
    if wanted == stands:
        return
    kept = 0
    while wanted[kept : kept + 1] == stands[kept : kept + 1] != []:
        kept += 1
    if kept < len(stands):
        tx.execute(_FORGET, {"article": article, "first": kept})
    if kept < len(wanted):
        tx.execute(insert(origins), wanted[kept:])
    stand = shelving.stands(tx, [article])[article]
    if stand.ranks:
        changelog.append(tx, stand.scopes, now)


def _origins(tx: Transaction, numbers: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """All origins of these articles in their order; `is_own` tells those that an article came with itself."""
    found: dict[int, list[dict[str, Any]]] = {it: [] for it in numbers}
    for row in tx.execute(_ORIGINS, {"numbers": list(numbers)}).mappings():
        found[row["article_id"]].append(dict(row))
    return found
