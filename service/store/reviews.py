"""What waits for a reviewer, and what reviewers rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import func, literal, literal_column, select

from service.model import Verdict
from service.store.schema import entries, sources

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement

    from service.store.database import Transaction


_WAITING: ColumnElement[Any] = literal_column(
    "'waiting'"
)  # no parameter, as the index is of what waits alone


class Queued(Struct, frozen=True):
    """An entry whose article is held back until somebody has read it."""

    entry: int  # row id
    article: int  # row id
    source: str  # slug
    reason: str
    first_seen: datetime


def queued(
    tx: Transaction, verdict: Verdict, *, source: str | None = None, limit: int
) -> list[Queued]:
    """The entries of that verdict, WAITING or REJECTED, of one source or of all; the first come first."""
    told = _WAITING if verdict is Verdict.WAITING else literal(verdict.value)
    query = (
        select(entries.c.id, entries.c.article_id, sources.c.slug, entries.c.reason)
        .add_columns(entries.c.first_seen)
        .join(sources, sources.c.id == entries.c.source_id)
        .where(entries.c.verdict == told, entries.c.article_id.is_not(None))
        .order_by(entries.c.id)
        .limit(limit)
    )
    if source is not None:
        query = query.where(sources.c.slug == source)
    return [Queued(*row) for row in tx.execute(query)]


def number_waiting(tx: Transaction) -> int:
    """How many entries wait for a reviewer."""
    query = select(func.count()).select_from(entries).where(entries.c.verdict == _WAITING)
    return int(tx.execute(query).scalar_one())
