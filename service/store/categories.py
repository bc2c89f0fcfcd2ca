"""Categories: declared by config.toml or met in an article, found again by scheme and slug."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from service.config.values import RESERVED
from service.model import EVERYTHING, Category, Status
from service.store import changelog
from service.store.people import Counted
from service.store.schema import articles, categories, filings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction


def ensure(tx: Transaction, category: Category) -> int:
    """Find the category by scheme and slug, or add it as it is. Gives the row id.

    A slug that means something else in the addresses of feeds gets the scheme's name behind it.
    """
    if category.slug in RESERVED:
        category = replace(category, slug=f"{category.slug}-{category.scheme}")
    row = _row(tx, category.scheme, category.slug)
    return int(row.id) if row else _add(tx, category)


def declare(tx: Transaction, declared: Iterable[Category], now: datetime) -> None:
    """Make these categories exist just as declared; what changes is told to every cache."""
    changed = False
    for category in declared:
        known = at(tx, category.scheme, category.slug)
        if known is None:
            _add(tx, category)
        elif known != (wanted := replace(category, id=known.id)):
            _change(tx, wanted)
            changed = True
    if changed:
        changelog.append(tx, [EVERYTHING], now)


def _change(tx: Transaction, category: Category) -> None:
    tx.execute(update(categories).where(categories.c.id == category.id).values(_values(category)))


def _row(tx: Transaction, scheme: str, slug: str) -> Row[Any] | None:
    query = select(categories).where(categories.c.scheme == scheme, categories.c.slug == slug)
    return tx.execute(query).one_or_none()


def _add(tx: Transaction, category: Category) -> int:
    statement = insert(categories).values(_values(category)).returning(categories.c.id)
    return int(tx.execute(statement).scalar_one())


def _values(category: Category) -> dict[str, object]:
    return {
        "scheme": category.scheme,
        "slug": category.slug,
        "label": category.label,
        "description": category.description,
        "closed": category.closed,
    }


def at(tx: Transaction, scheme: str, slug: str) -> Category | None:
    """The category of that scheme and slug."""
    row = _row(tx, scheme, slug)
    return category_of(row) if row else None


def ids(tx: Transaction, scheme: str, slugs: Sequence[str]) -> list[int]:
    """Row ids of these categories."""
    query = select(categories.c.id).where(
        categories.c.scheme == scheme, categories.c.slug.in_(slugs)
    )
    return list(tx.execute(query).scalars())


def listed(tx: Transaction, scheme: str) -> list[Counted[Category]]:
    """Every category of a scheme, by label, with how much is published in it."""
    published = articles.c.status == Status.PUBLISHED
    query = (
        select(
            categories,
            func.count(articles.c.id).label("articles"),
            func.max(articles.c.published).label("newest"),
        )
        .select_from(categories)
        .outerjoin(filings, filings.c.category_id == categories.c.id)
        .outerjoin(articles, (articles.c.id == filings.c.article_id) & published)
        .where(categories.c.scheme == scheme)
        .group_by(categories.c.id)
        .order_by(categories.c.label, categories.c.id)
    )
    return [Counted(category_of(row), row.articles, row.newest) for row in tx.execute(query)]


def category_of(row: Row[Any]) -> Category:
    """A row of the categories table as a value."""
    return Category(
        id=row.id,
        scheme=row.scheme,
        slug=row.slug,
        label=row.label,
        description=row.description,
        closed=bool(row.closed),
    )
