"""Every poll, written down before it asks and again when it has its answer (POL-19)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from service.model import PollOutcome, PollResult
from service.store.many import Many, new_ids
from service.store.schema import polls, sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from service.model import HostLease, Source
    from service.store.database import Transaction


_DUE = Many(update(sources).where(sources.c.id == bindparam("source")), ("next_at", "last_poll"))
_BEGIN = Many(
    insert(polls),
    (
        "id",
        "source_id",
        "at",
        "fence",
        "url",
        "etag_sent",
        "last_modified_sent",
        "result",
        "next_at",
        "next_reason",
    ),
)
_OF_OUTCOME = tuple(it.name for it in fields(PollOutcome) if it.name not in {"id", "source"})
_FINISH = Many(update(polls).where(polls.c.id == bindparam("poll")), _OF_OUTCOME)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A poll that is about to ask an address, and when the next is due."""

    lease: HostLease
    source: Source
    url: str
    at: datetime
    next_at: datetime


def begin(tx: Transaction, found: Sequence[Beginning]) -> Sequence[int]:
    """Write down that these polls begin, and when the next are due (POL-08). Gives their row ids."""
    ids = new_ids(tx, polls, len(found))
    _DUE.run(
        tx, [{"source": it.source.id, "next_at": it.next_at, "last_poll": it.at} for it in found]
    )
    _BEGIN.run(tx, [_begun(row_id, it) for row_id, it in zip(ids, found, strict=True)])
    return ids


def _begun(row_id: int, it: Beginning) -> dict[str, Any]:
    return {
        "id": row_id,
        "source_id": it.source.id,
        "at": it.at,
        "fence": it.lease.fence,
        "url": it.url,
        "etag_sent": it.source.etag,
        "last_modified_sent": it.source.last_modified,
        "result": PollResult.CLAIMED.value,
        "next_at": it.next_at,
        "next_reason": "while this poll is under way",
    }


def finish(tx: Transaction, *ended: PollOutcome) -> None:
    """Write down how polls ended."""
    _FINISH.run(tx, [_row(it) for it in ended])


def _row(outcome: PollOutcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in _OF_OUTCOME} | {"poll": outcome.id}


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
