"""Articles: the one gate by which content enters, and every way of finding it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from service.model import Article, Selection, Status, Term
from service.store import categories, people
from service.store.assembling import assemble
from service.store.saving import expire_due, release_due, restore, retract, save
from service.store.schema import articles, bylines, filings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from service.store.database import Transaction

_ROW_ID = re.compile("[0-9]{1,18}")
_EVERYTHING = Selection()

__all__ = [
    "at",
    "by_id",
    "count",
    "expire_due",
    "find",
    "listed",
    "next_change",
    "release_due",
    "restore",
    "retract",
    "save",
    "select",
    "withdrawn",
]


def select(tx: Transaction, selection: Selection, *, limit: int, offset: int = 0) -> list[Article]:
    """The published articles of a selection, newest first (ID-10: published descending, then id)."""
    query = (
        sa.select(articles)
        .where(*_conditions(tx, selection, Status.PUBLISHED))
        .order_by(articles.c.published.desc(), articles.c.guid)
        .limit(limit)
        .offset(offset)
    )
    return assemble(tx, tx.execute(query).all())


def count(tx: Transaction, selection: Selection) -> int:
    """How many articles of a selection are published."""
    query = sa.select(sa.func.count(articles.c.id)).where(
        *_conditions(tx, selection, Status.PUBLISHED)
    )
    return tx.execute(query).scalar_one()


def withdrawn(tx: Transaction, selection: Selection, *, limit: int) -> list[Article]:
    """The retracted articles of a selection, the latest retraction first."""
    query = (
        sa.select(articles)
        .where(*_conditions(tx, selection, Status.RETRACTED))
        .order_by(articles.c.retracted.desc(), articles.c.guid)
        .limit(limit)
    )
    return assemble(tx, tx.execute(query).all())


def at(tx: Transaction, path: str) -> Article | None:
    """The article of that path ("2026/11/slug"), whatever its status."""
    return _one(tx, articles.c.path == path)


def by_id(tx: Transaction, row_id: int) -> Article | None:
    """The article of that row id."""
    return _one(tx, articles.c.id == row_id)


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


def next_change(tx: Transaction, selection: Selection = _EVERYTHING) -> datetime | None:
    """When time alone changes what a selection shows: a release or an expiry, also an overdue one."""
    release = sa.select(sa.func.min(articles.c.published)).where(
        *_conditions(tx, selection, Status.SCHEDULED)
    )
    expiry = sa.select(sa.func.min(articles.c.expires)).where(
        articles.c.expires.is_not(None), *_conditions(tx, selection, Status.PUBLISHED)
    )
    moments = [tx.execute(query).scalar_one() for query in (release, expiry)]
    return min((moment for moment in moments if moment is not None), default=None)


def _one(tx: Transaction, condition: ColumnElement[bool]) -> Article | None:
    rows: Sequence[Article] = assemble(tx, tx.execute(sa.select(articles).where(condition)).all())
    return rows[0] if rows else None


def _conditions(tx: Transaction, selection: Selection, status: Status) -> list[ColumnElement[bool]]:
    return [articles.c.status == status, *(_condition(tx, term) for term in selection.terms)]


def _condition(tx: Transaction, term: Term) -> ColumnElement[bool]:
    if term.field == "source":
        condition: ColumnElement[bool] = articles.c.source.in_(term.slugs)
    elif term.field == "author":
        condition = articles.c.id.in_(
            sa.select(bylines.c.article_id).where(
                bylines.c.author_id.in_(people.ids(tx, term.slugs)), bylines.c.role == "author"
            )
        )
    else:
        condition = articles.c.id.in_(
            sa.select(filings.c.article_id).where(
                filings.c.category_id.in_(categories.ids(tx, term.field, term.slugs))
            )
        )
    return ~condition if term.negated else condition
