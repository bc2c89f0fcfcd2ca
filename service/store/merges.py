"""What was taken for one article, and why: written down, listed, undone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import bindparam, insert, select, update

from service.store.schema import articles, entries, merges, sources

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Select

    from service.store.database import Transaction


class Kind(StrEnum):
    """What was done."""

    COPY = "copy"  # an entry is another source's article, too
    KEY = "key"  # an entry came under another key


class Merge(Struct, frozen=True, kw_only=True):
    """Something that was taken for one article."""

    id: int
    at: datetime
    kind: Kind
    reason: str
    source: str  # slug, of the entry
    entry: int  # row id
    article: int | None  # row id of what is shown
    path: str | None  # of the article
    title: str | None  # of the article
    copy: int | None  # row id of what is kept unseen
    old: str | None  # key
    new: str | None  # key
    undone: datetime | None


def _listed() -> Select[Any]:
    return (
        select(
            merges.c.id,
            merges.c.at,
            merges.c.kind,
            merges.c.reason,
            sources.c.slug.label("source"),
            merges.c.entry_id.label("entry"),
            merges.c.article_id.label("article"),
            articles.c.path,
            articles.c.title,
            merges.c.copy_id.label("copy"),
            merges.c.old,
            merges.c.new,
            merges.c.undone,
        )
        .join(entries, entries.c.id == merges.c.entry_id)
        .join(sources, sources.c.id == entries.c.source_id)
        .outerjoin(articles, articles.c.id == merges.c.article_id)
        .order_by(merges.c.id.desc())
    )


_LISTED = _listed()
_PAIRS = select(merges.c.entry_id, merges.c.old, merges.c.new).where(
    merges.c.entry_id.in_(bindparam("entries", expanding=True)), merges.c.kind == Kind.KEY.value
)


def add(
    tx: Transaction,
    kind: Kind,
    *,
    reason: str,
    entry: int,
    article: int | None,
    copy: int | None = None,
    old: str | None = None,
    new: str | None = None,
    now: datetime,
) -> None:
    """Write down what is taken for one article; `entry`, `article` and `copy` are row ids."""
    values = {"entry_id": entry, "article_id": article, "copy_id": copy, "old": old, "new": new}
    tx.execute(insert(merges).values(values | {"at": now, "kind": kind.value, "reason": reason}))


def pairs(tx: Transaction, numbers: Collection[int]) -> set[tuple[int, str, str]]:
    """The changes of keys that are written down of these entries: row id, old and new key."""
    rows = tx.execute(_PAIRS, {"entries": list(numbers)}) if numbers else ()
    return {(row.entry_id, row.old, row.new) for row in rows}


def listed(tx: Transaction, *, limit: int, source: str | None = None) -> list[Merge]:
    """The latest first; of all sources, or of the entries of one."""
    query = _LISTED.where(sources.c.slug == source) if source else _LISTED
    return [_merge(row) for row in tx.execute(query.limit(limit)).mappings()]


def about(tx: Transaction, entries_: Collection[int], articles_: Collection[int]) -> list[Merge]:
    """What has to do with any of these entries or articles, by their row ids; the latest first."""
    involved = merges.c.entry_id.in_(entries_) | merges.c.article_id.in_(articles_)
    query = _LISTED.where(involved | merges.c.copy_id.in_(articles_))
    return [_merge(row) for row in tx.execute(query).mappings()]


def at(tx: Transaction, number: int) -> Merge | None:
    """The merge of that number."""
    row = tx.execute(_LISTED.where(merges.c.id == number)).mappings().one_or_none()
    return _merge(row) if row else None


def undone(tx: Transaction, merge: Merge, now: datetime) -> None:
    """Write down that it holds no longer, nor does what is known of the same two keys of the entry."""
    same = merges.c.id == merge.id
    if merge.kind is Kind.KEY:
        both = (merge.old, merge.new)
        same |= (merges.c.entry_id == merge.entry) & merges.c.old.in_(both) & merges.c.new.in_(both)
    tx.execute(update(merges).where(same, merges.c.undone.is_(None)).values(undone=now))


def passed_on(tx: Transaction, old: int, new: int) -> None:
    """Tie the copies of an article to another."""
    tied = update(merges).where(merges.c.article_id == old, merges.c.copy_id.is_not(None))
    tx.execute(tied.where(merges.c.undone.is_(None)).values(article_id=new))


def end(tx: Transaction, copy: int, now: datetime) -> None:
    """Write down that an article is no copy any more."""
    tied = update(merges).where(merges.c.copy_id == copy, merges.c.undone.is_(None))
    tx.execute(tied.values(undone=now))


def _merge(row: Any) -> Merge:
    return Merge(**dict(row) | {"kind": Kind(row["kind"])})
