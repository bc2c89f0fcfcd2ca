"""Authors of many articles, looked up together; those whom nobody knows yet are added together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union_all

from service.config.values import RESERVED
from service.selection import AUTHOR
from service.store import people
from service.store.among import among
from service.store.many import inserting, new_ids
from service.store.schema import authors, former_slugs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from service.model import Author
    from service.store.database import Transaction

_NAMESAKES = (
    select(authors)
    .where(
        among(authors.c.source, "sources"),
        among(authors.c.folded, "names"),
    )
    .order_by(authors.c.id)
)
_TAKEN = union_all(
    select(authors.c.slug).where(among(authors.c.slug, "slugs")),
    select(former_slugs.c.slug).where(
        former_slugs.c.field == AUTHOR, among(former_slugs.c.slug, "slugs")
    ),
)
_ADD = inserting(authors, "alias_of", "merged_into", "withdrawn", "withdrawal_reason")


def ensure_all(tx: Transaction, found: Iterable[Author], now: datetime) -> dict[Author, int]:
    """people.ensure() for each of these, in their order. Gives their row ids."""
    ids: dict[Author, int] = {}
    wanted = list(dict.fromkeys(found))
    known = _known(tx, wanted)
    left = []
    for author in wanted:
        row = people.meant(known[people.named(author)], author)
        if row is None or people.news_of(author, row):
            left.append(author)
        else:
            ids[author] = row.id
    alone = [it for it in left if known[people.named(it)] or _is_twice(it, left)]
    if alone:  # whose are found out one after the other
        return ids | {it: people.ensure(tx, it, now) for it in left}
    return ids | _added(tx, left, now)


def _known(
    tx: Transaction, wanted: list[Author]
) -> defaultdict[tuple[str, str], dict[str | None, Row[Any]]]:
    """By source and name, and then by uri."""
    known: defaultdict[tuple[str, str], dict[str | None, Row[Any]]] = defaultdict(dict)
    if wanted:
        sources, names = zip(*map(people.named, wanted), strict=True)
        asked = {"sources": sorted(set(sources)), "names": sorted(set(names))}
        for row in tx.execute(_NAMESAKES, asked):
            known[row.source, row.folded][row.uri] = row
    return known


def _is_twice(author: Author, left: list[Author]) -> bool:
    return sum(people.named(it) == people.named(author) for it in left) > 1


def _added(tx: Transaction, wanted: list[Author], now: datetime) -> dict[Author, int]:
    """Add authors of whom each has a name of their own."""
    if not wanted:
        return {}
    asked = {"slugs": [slug for it in wanted for slug in people.slugs(it)]}
    taken = RESERVED.union(tx.execute(_TAKEN, asked).scalars())
    given: dict[Author, str] = {}
    for author in wanted:
        slug = next((it for it in people.slugs(author) if it not in taken), None)
        if slug is None:  # one with a number
            return {it: people.ensure(tx, it, now) for it in wanted}
        given[author] = slug
        taken |= {slug}
    ids = dict(zip(given, new_ids(tx, authors, len(given)), strict=True))
    _ADD.run(tx, [{**people.row_of(it, slug), "id": ids[it]} for it, slug in given.items()])
    return ids
