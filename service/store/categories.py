"""Categories: declared by config.toml or met in an article, found again by scheme and slug."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from service.config.values import RESERVED
from service.model import EVERYTHING, Category
from service.store import changelog
from service.store.people import Counted
from service.store.schema import categories
from service.store.tallying import tallied

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction


_NAMED = select(categories).where(
    categories.c.scheme == bindparam("scheme"), categories.c.slug == bindparam("slug")
)


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
    known = {(it.scheme, it.slug): it for it in map(category_of, tx.execute(select(categories)))}
    wanted = {(it.scheme, it.slug): it for it in declared}
    fresh = [_values(it) for key, it in wanted.items() if key not in known]
    kept = [replace(it, id=known[key].id) for key, it in wanted.items() if key in known]
    changed = [it for it in kept if it != known[it.scheme, it.slug]]
    if fresh:
        tx.execute(insert(categories), fresh)
    if changed:
        _change(tx, changed)
        changelog.append(tx, [EVERYTHING], now)


def _change(tx: Transaction, changed: Iterable[Category]) -> None:
    statement = update(categories).where(categories.c.id == bindparam("row"))
    rows = [
        {"row": it.id, "label": it.label, "description": it.description, "closed": it.closed}
        for it in changed
    ]
    tx.execute(statement, rows)


def relabel(tx: Transaction, scheme: str, slug: str, label: str, now: datetime) -> Category | None:
    """Give a category another label; None when there is no such category."""
    category = at(tx, scheme, slug)
    if category is None or category.label == label:
        return category
    labelled = replace(category, label=label)
    tx.execute(update(categories).where(categories.c.id == category.id).values(label=label))
    changelog.append(tx, [EVERYTHING], now)
    return labelled


def _row(tx: Transaction, scheme: str, slug: str) -> Row[Any] | None:
    return tx.execute(_NAMED, {"scheme": scheme, "slug": slug}).one_or_none()


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


def listed(tx: Transaction, scheme: str) -> list[Counted[Category]]:
    """Every category of a scheme, by label, with how much is published in it."""
    query = tallied(categories, "category:").where(categories.c.scheme == scheme)
    rows = tx.execute(query.order_by(categories.c.label, categories.c.id))
    return [Counted.of(category_of(row), row) for row in rows]


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
