"""Where published articles stand, for sitemaps: addresses and dates, without the articles themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec import Struct

from service.model import Status
from service.store.schema import articles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.store.database import Transaction


PART = 10_000  # row ids in one sitemap: sitemaps.org takes 50,000, which would take long to write
_KINDS = {"article": "articles", "author": "authors"}  # whose scopes are told by sitemaps


class Place(Struct, frozen=True):
    """The path of an article and the time of its latest change."""

    path: str
    updated: datetime


class News(Struct, frozen=True):
    """What news search engines are told of an article."""

    path: str
    title: str
    language: str | None
    published: datetime


_OURS = (articles.c.status == Status.PUBLISHED.value) & articles.c.canonical_url.is_(None)


def parts(scopes: Iterable[str]) -> set[str]:
    """The scopes of the sitemaps in which the articles and authors of these scopes stand."""
    found = (it.partition(":") for it in scopes)
    return {
        scope(f"{_KINDS[kind]}-{-(-int(row_id) // PART)}")
        for kind, _, row_id in found
        if kind in _KINDS
    }


def scope(sitemap: str) -> str:
    """What a sitemap is called where it is kept when it last changed; nothing is told of it to caches."""
    return f"sitemap:{sitemap}"


def last_id(tx: Transaction) -> int:
    """The row id of the article that came last, whatever its status; 0 when there is none."""
    return int(tx.execute(sa.select(sa.func.max(articles.c.id))).scalar() or 0)


def between(tx: Transaction, above: int, upto: int) -> list[Place]:
    """The articles with row ids above the one and up to the other whose canonical page is ours."""
    query = (
        sa.select(articles.c.path, articles.c.updated)
        .where(_OURS, articles.c.id > above, articles.c.id <= upto)
        .order_by(articles.c.id)
    )
    return [Place(row.path, row.updated) for row in tx.execute(query)]


def since(tx: Transaction, moment: datetime, *, limit: int) -> list[News]:
    """Such articles that were published since then, the newest first."""
    query = (
        sa.select(articles.c.path, articles.c.title, articles.c.language, articles.c.published)
        .where(_OURS, articles.c.published >= moment)
        .order_by(articles.c.published.desc(), articles.c.guid)
        .limit(limit)
    )
    return [News(*row) for row in tx.execute(query)]
