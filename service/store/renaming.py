"""What operators do to authors and categories as such: move them, withdraw them and bring them back.

Row ids stay, and with them the ids of feeds. All of it is told to every cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from service.errors import Refused
from service.model import EVERYTHING, Author
from service.selection import AUTHOR
from service.store import categories, changelog, formers, people
from service.store.schema import authors
from service.store.schema import categories as categories_table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Table

    from service.model import Category
    from service.store.database import Transaction

    Subject = Author | Category


def move(tx: Transaction, it: Subject, slug: str, now: datetime) -> None:
    """Give an author or category another slug; the one it had leads to it from now on.

    Raises:
        Refused: Something else has the slug, or had it and is found by it.
    """
    table, field = _of(it)
    if slug == it.slug:
        return
    formers.require_free(tx, field, slug, it.id)
    if (other := _holder(tx, it, slug)) is not None:
        raise Refused(f"{field}/{slug} is taken by {other!r}")
    formers.forget(tx, field, [slug])
    tx.execute(update(table).where(table.c.id == it.id).values(slug=slug))
    formers.keep(tx, field, [str(it.slug)], it.id)
    changelog.append(tx, [EVERYTHING], now)


def _of(it: Subject) -> tuple[Table, str]:
    return (authors, AUTHOR) if isinstance(it, Author) else (categories_table, it.scheme)


def _holder(tx: Transaction, it: Subject, slug: str) -> str | None:
    """What something is called that has this slug now."""
    if isinstance(it, Author):
        author = people.at(tx, slug)
        return author.name if author and author.id != it.id else _alias(tx, slug)
    category = categories.at(tx, it.scheme, slug)
    return category.label if category and category.id != it.id else None


def _alias(tx: Transaction, slug: str) -> str | None:
    """The name under which an alias is printed; its slug stays its own, for when it is split off."""
    name: str | None = tx.execute(
        select(authors.c.name).where(authors.c.slug == slug)
    ).scalar_one_or_none()
    return name


def withdraw(tx: Transaction, it: Subject, reason: str, now: datetime) -> None:
    """From now on its page and every feed that names it are gone; articles stay, and name it without a link.

    Raises:
        Refused: It is withdrawn already.
    """
    if it.withdrawal is not None:
        raise Refused(f"{it.slug} was withdrawn on {it.withdrawal.at:%Y-%m-%d} already")
    _set(tx, it, {"withdrawn": now, "withdrawal_reason": reason}, now)


def restore(tx: Transaction, it: Subject, now: datetime) -> None:
    """Take back that it was withdrawn.

    Raises:
        Refused: It is not.
    """
    if it.withdrawal is None:
        raise Refused(f"{it.slug} is not withdrawn")
    _set(tx, it, {"withdrawn": None, "withdrawal_reason": None}, now)


def _set(tx: Transaction, it: Subject, values: dict[str, Any], now: datetime) -> None:
    table, _ = _of(it)
    tx.execute(update(table).where(table.c.id == it.id).values(values))
    changelog.append(tx, [EVERYTHING], now)
