"""Authors: found again by (source, uri or else name), listed, and resolved through their aliases."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import and_, func, insert, select, update

from feeds.identity import indexable
from feeds.text import slugify
from service.config.values import RESERVED
from service.model import EVERYTHING, Author, AuthorKind, Status
from service.store import changelog
from service.store.schema import articles, authors, bylines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Counted(Generic[Item]):
    """An author or category with how much is published of it."""

    item: Item
    articles: int
    newest: datetime | None


def ensure(tx: Transaction, author: Author, now: datetime) -> int:
    """Find the author, or add it with a slug of its own; learn what is new about it. Gives the row id.

    The same name with another uri is another author; one that is met without a uri is taken for the only
    one of that name.
    """
    row = _known(tx, author)
    if row is None:
        return _add(tx, author)
    learned = {
        name: value
        for name, value in _facts(author).items()
        if value and value != getattr(row, name)
    }
    if learned:
        tx.execute(update(authors).where(authors.c.id == row.id).values(learned))
        changelog.append(tx, [EVERYTHING], now)
    return int(row.id)


def _known(tx: Transaction, author: Author) -> Row[Any] | None:
    query = select(authors).where(
        authors.c.source == (author.source or ""), authors.c.folded == _folded(author)
    )
    namesakes = {row.uri: row for row in tx.execute(query.order_by(authors.c.id))}
    if author.uri in namesakes:
        return namesakes[author.uri]
    if author.uri is None:
        return next(iter(namesakes.values())) if len(namesakes) == 1 else None
    return namesakes.get(None)


def _facts(author: Author) -> dict[str, str | None]:
    is_organization = author.kind is AuthorKind.ORGANIZATION  # "person" is said of everybody
    return {
        "kind": author.kind.value if is_organization else None,
        "uri": author.uri,
        "key": indexable(f"{_folded(author)}\n{author.uri}") if author.uri else None,
        "bio": author.bio,
        "avatar": author.avatar,
    }


def _folded(author: Author) -> str:
    return indexable(" ".join(author.name.casefold().split()))


def _add(tx: Transaction, author: Author) -> int:
    source = author.source or ""
    facts = _facts(author)
    values = facts | {
        "slug": _free_slug(tx, author.slug or slugify(author.name, "author"), source),
        "name": author.name,
        "kind": author.kind.value,
        "source": source,
        "folded": _folded(author),
        "key": facts["key"] or indexable(f"{_folded(author)}\n"),
    }
    return int(tx.execute(insert(authors).values(values).returning(authors.c.id)).scalar_one())


def _free_slug(tx: Transaction, wanted: str, source: str) -> str:
    """The wanted slug, else with the source's name behind it, else with a number."""
    candidates = [wanted, *([f"{wanted}-{source}"] if source else [])]
    for slug in chain(candidates, (f"{candidates[-1]}-{number}" for number in count(2))):
        taken = select(authors.c.id).where(authors.c.slug == slug)
        if slug not in RESERVED and tx.execute(taken).first() is None:
            return slug
    raise AssertionError("there is no last number")


def at(tx: Transaction, slug: str) -> Author | None:
    """The author of that slug; an alias gives the author it stands for."""
    named, canonical = authors.alias("named"), authors.alias("canonical")
    query = (
        select(canonical)
        .select_from(named)
        .join(canonical, canonical.c.id == func.coalesce(named.c.alias_of, named.c.id))
        .where(named.c.slug == slug)
    )
    row = tx.execute(query).one_or_none()
    return author_of(row) if row else None


def ids(tx: Transaction, slugs: Sequence[str]) -> list[int]:
    """Row ids of these authors and of everybody who is an alias of them."""
    canonical = select(authors.c.id).where(authors.c.slug.in_(slugs)).scalar_subquery()
    query = select(authors.c.id).where(
        (authors.c.slug.in_(slugs)) | (authors.c.alias_of.in_(canonical))
    )
    return list(tx.execute(query).scalars())


def listed(tx: Transaction) -> list[Counted[Author]]:
    """Every author with something published, by name."""
    canonical = authors.alias("canonical")
    query = (
        select(
            canonical,
            func.count(articles.c.id.distinct()).label("articles"),
            func.max(articles.c.published).label("newest"),
        )
        .select_from(authors)
        .join(canonical, canonical.c.id == func.coalesce(authors.c.alias_of, authors.c.id))
        .join(bylines, and_(bylines.c.author_id == authors.c.id, bylines.c.role == "author"))
        .join(articles, articles.c.id == bylines.c.article_id)
        .where(articles.c.status == Status.PUBLISHED)
        .group_by(canonical.c.id)
        .order_by(canonical.c.name, canonical.c.id)
    )
    return [Counted(author_of(row), row.articles, row.newest) for row in tx.execute(query)]


def author_of(row: Row[Any]) -> Author:
    """A row of the authors table as a value."""
    return Author(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=AuthorKind(row.kind),
        uri=row.uri,
        source=row.source or None,
        bio=row.bio,
        avatar=row.avatar,
    )
