"""Every poll, written down before it asks and again when it has its answer (POL-19)."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from service.model import PollOutcome, PollResult
from service.store.schema import polls, sources

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    from service.model import HostLease, Source
    from service.store.database import Transaction


_DUE = update(sources).where(sources.c.id == bindparam("source"))
_BEGIN = insert(polls).returning(polls.c.id)
_FINISH = update(polls).where(polls.c.id == bindparam("poll"))
_OF_OUTCOME = tuple(it.name for it in fields(PollOutcome) if it.name not in {"id", "source"})


def begin(
    tx: Transaction, lease: HostLease, source: Source, url: str, *, at: datetime, next_at: datetime
) -> int:
    """Write down that a poll of that address begins, and when the next is due (POL-08). Gives its row id."""
    tx.execute(_DUE, {"source": source.id, "next_at": next_at, "last_poll": at})
    values = {
        "source_id": source.id,
        "at": at,
        "fence": lease.fence,
        "url": url,
        "etag_sent": source.etag,
        "last_modified_sent": source.last_modified,
        "result": PollResult.CLAIMED.value,
        "next_at": next_at,
        "next_reason": "while this poll is under way",
    }
    return int(tx.execute(_BEGIN, values).scalar_one())


def finish(tx: Transaction, poll: int, outcome: PollOutcome) -> None:
    """Write down how a poll ended."""
    values = {name: getattr(outcome, name) for name in _OF_OUTCOME}
    tx.execute(_FINISH, values | {"poll": poll})


def listed(tx: Transaction, source: int, *, limit: int) -> list[PollOutcome]:
    """The latest polls of a source, the newest first; `source` is its row id."""
    query = (
        select(polls, sources.c.slug)
        .join(sources, sources.c.id == polls.c.source_id)
        .where(polls.c.source_id == source)
        .order_by(polls.c.id.desc())
        .limit(limit)
    )
    return [_outcome(row) for row in tx.execute(query).mappings()]


def _outcome(row: RowMapping) -> PollOutcome:
    fields = PollOutcome.__dataclass_fields__.keys() - {"source", "result"}
    values = {name: row[name] for name in fields}
    return PollOutcome(**values, source=row["slug"], result=PollResult(row["result"]))
