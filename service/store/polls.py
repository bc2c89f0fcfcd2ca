"""Every poll, written down before it asks and again when it has its answer (POL-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import bindparam, insert, select, update

from service.model import PollOutcome, PollResult
from service.store.many import Many, new_ids
from service.store.schema import hosts, polls, sources
from service.store.types import DatabaseTime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from service.model import HostLease, Source
    from service.store.database import Transaction


_BROKEN_OFF = (
    "its end was not saved: its process stopped, lost the host to another or could not write to the"
    " database; what is missing comes with the next poll"
)
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
_OF_OUTCOME = tuple(name for name in PollOutcome.__struct_fields__ if name not in {"id", "source"})
_FINISH = Many(update(polls).where(polls.c.id == bindparam("poll")), _OF_OUTCOME)


class Beginning(Struct, frozen=True):
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
        "next_reason": "as planned when this poll began",
    }


def finish(tx: Transaction, *ended: PollOutcome) -> None:
    """Write down how polls ended."""
    _FINISH.run(tx, [_row(it) for it in ended])


def _row(outcome: PollOutcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in _OF_OUTCOME} | {"poll": outcome.id}


def listed(tx: Transaction, source: int, *, limit: int) -> list[PollOutcome]:
    """The latest polls of a source, the newest first; `source` is its row id.

    One that began and never ended is told as broken off once its host is no longer held for it.
    """
    is_held = (hosts.c.fence == polls.c.fence) & (hosts.c.leased_until > DatabaseTime())
    query = (
        select(polls, sources.c.slug, is_held.label("is_held"))
        .join(sources, sources.c.id == polls.c.source_id)
        .outerjoin(hosts, hosts.c.name == sources.c.host)
        .where(polls.c.source_id == source)
        .order_by(polls.c.id.desc())
        .limit(limit)
    )
    return [_outcome(row) for row in tx.execute(query).mappings()]


def _outcome(row: RowMapping) -> PollOutcome:
    names = {*PollOutcome.__struct_fields__} - {"source", "result"}
    values = {name: row[name] for name in names}
    outcome = PollOutcome(**values, source=row["slug"], result=PollResult(row["result"]))
    if outcome.result is PollResult.CLAIMED and not row["is_held"]:
        return replace(outcome, result=PollResult.BROKEN_OFF, reason=_BROKEN_OFF)
    return outcome
