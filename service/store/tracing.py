"""What is found by a name that a person gives, whatever became of it, and what was written down of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import func, select, text

from feeds.identity import alias, indexable, page, site
from service.model import EntryRecord, Verdict
from service.store.entries import record_of
from service.store.schema import articles, entries, fates, origins, polls, sources
from service.store.schema.content import LONGEST_INDEXED, OF_ORIGIN, OF_ORIGINAL

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, TextClause

    from service.store.database import Transaction

_NEIGHBOURS = 10  # known names looked at on each side of one that is not known


class Kept(Struct, frozen=True):
    """An entry and the source that sent it."""

    entry: EntryRecord
    source: str  # slug
    name: str  # of the source


class Step(Struct, frozen=True):
    """What was decided about an entry, and the poll that did it, where that is still kept."""

    at: datetime
    verdict: Verdict
    reason: str
    poll: int | None  # row id
    poll_url: str | None


def named(tx: Transaction, name: str) -> list[Kept]:
    """The entries of any source that have that id or page, or else another spelling of it, on its site."""
    exact = entries.c.key.in_({name, indexable(name)})
    known = entries.c.alias == alias(name)
    at = page(name)
    if at is not None:
        known |= entries.c.page == at
    found = _kept(tx, known)
    same = [it for it in found if it.entry.key in (name, indexable(name)) or it.entry.page == at]
    found = [it for it in found if site(it.entry.key) == site(name)]
    return same or found or _kept(tx, exact & (entries.c.alias == alias(indexable(name))))


def of_articles(tx: Transaction, numbers: Collection[int]) -> list[Kept]:
    """The entries that became part of these articles, by their row ids."""
    return _kept(tx, entries.c.article_id.in_(numbers)) if numbers else []


def _kept(tx: Transaction, condition: ColumnElement[bool]) -> list[Kept]:
    query = (
        select(entries, sources.c.slug, sources.c.name.label("source_name"))
        .join(sources, sources.c.id == entries.c.source_id)
        .where(condition)
        .order_by(entries.c.id)
    )
    return [Kept(record_of(row), row.slug, row.source_name) for row in tx.execute(query)]


def copied_from(tx: Transaction, url: str) -> list[int]:
    """The row ids of the articles that were not pulled and whose original stands at that address.

    All of them are looked through for one of more than 500 characters.
    """
    here = select(articles.c.id).where(articles.c.canonical_url == url, _which(OF_ORIGINAL, url))
    elsewhere = select(origins.c.article_id).where(origins.c.url == url, _which(OF_ORIGIN, url))
    return sorted(set(tx.execute(here).scalars()).union(tx.execute(elsewhere).scalars()))


def _which(indexed: str, url: str) -> TextClause:
    return text(indexed if len(url) <= LONGEST_INDEXED else "source IS NULL")


def steps(tx: Transaction, entry: int) -> list[Step]:
    """Every fate of an entry, the oldest first."""
    query = (
        select(fates.c.at, fates.c.verdict, fates.c.reason)
        .add_columns(polls.c.id, polls.c.url)
        .outerjoin(polls, polls.c.id == fates.c.poll_id)
        .where(fates.c.entry_id == entry)
        .order_by(fates.c.id)
    )
    return [Step(row[0], Verdict(row[1]), *row[2:]) for row in tx.execute(query)]


def policy(tx: Transaction, article: int) -> int:
    """The version of the cleaning that an article went through last."""
    return int(tx.execute(select(articles.c.policy).where(articles.c.id == article)).scalar_one())


def verdicts(tx: Transaction, source: int) -> dict[Verdict, int]:
    """How many entries of a source met each fate last; the most frequent first."""
    query = (
        select(entries.c.verdict, func.count().label("number"))
        .where(entries.c.source_id == source)
        .group_by(entries.c.verdict)
        .order_by(func.count().desc(), entries.c.verdict)
    )
    return {Verdict(row.verdict): row.number for row in tx.execute(query)}


def neighbours(tx: Transaction, name: str) -> list[str]:
    """Known ids, pages and paths that stand beside that name in their order."""
    at = page(name)
    wanted: list[tuple[Any, Any, str]] = [
        (entries.c.alias, entries.c.key, alias(name)),
        (articles.c.guid, articles.c.guid, name),
        (articles.c.path, articles.c.path, name),
    ]
    if at is not None:
        wanted.append((entries.c.page, entries.c.page, at))
    return list(
        dict.fromkeys(
            it for column, told, value in wanted for it in _beside(tx, column, told, value)
        )
    )


def _beside(tx: Transaction, column: Any, told: Any, value: str) -> list[str]:
    after = select(told).where(column >= value).order_by(column).limit(_NEIGHBOURS)
    before = select(told).where(column < value).order_by(column.desc()).limit(_NEIGHBOURS)
    return [it for query in (after, before) for it in tx.execute(query).scalars() if it]
