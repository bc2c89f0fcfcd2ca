"""Records that have served their time, taken away a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from service.store import files
from service.store.schema import changes, entries, fates, heads, polls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.store.database import Store, Transaction

_BATCH = 100  # rows of one transaction


def changes_before(tx: Transaction, moment: datetime) -> int:
    """Forget the oldest changes of before then, but never the newest of all; gives how many.

    Only from the front, whatever the clock did: a log without gaps tells each reader whether it lags
    behind its beginning.
    """
    oldest = tx.execute(
        select(changes.c.number, changes.c.at).order_by(changes.c.number).limit(_BATCH + 1)
    ).all()
    last = None
    for row in oldest[: min(_BATCH, len(oldest) - 1)]:
        if row.at >= moment:
            break
        last = row.number
    if last is None:
        return 0
    return tx.execute(delete(changes).where(changes.c.number <= last)).rowcount


def polled_before(tx: Transaction, moment: datetime) -> list[int]:
    """The row ids of the sources that have polls of before then."""
    query = select(polls.c.source_id).where(polls.c.at < moment).distinct()
    return sorted(tx.execute(query).scalars())


def polls_before(tx: Transaction, source: int, moment: datetime, *, keeping: int) -> int:
    """Forget the oldest polls of a source, but never the latest `keeping`; gives how many.

    What they decided stays, without the poll: of each entry the latest `keeping` decisions at least.
    """
    latest = (
        select(polls.c.id)
        .where(polls.c.source_id == source)
        .order_by(polls.c.id.desc())
        .limit(keeping)
        .subquery()
    )
    first_kept = select(func.min(latest.c.id)).scalar_subquery()
    past = (
        select(polls.c.id)
        .where(polls.c.source_id == source, polls.c.at < moment, polls.c.id < first_kept)
        .order_by(polls.c.id)
        .limit(_BATCH)
    )
    gone = list(tx.execute(past).scalars())
    if gone:
        _forget_fates(tx, gone, moment, keeping)
        tx.execute(update(fates).where(fates.c.poll_id.in_(gone)).values(poll_id=None))
        tx.execute(delete(polls).where(polls.c.id.in_(gone)))
    return len(gone)


def _forget_fates(
    tx: Transaction, decided_by: Sequence[int], moment: datetime, keeping: int
) -> None:
    """Forget decisions of before then about the entries of these polls, but never an entry's latest."""
    concerned = select(fates.c.entry_id).where(fates.c.poll_id.in_(decided_by))
    latest_first = func.row_number().over(partition_by=fates.c.entry_id, order_by=fates.c.id.desc())
    numbered = (
        select(fates.c.id, fates.c.at, latest_first.label("number"))
        .where(fates.c.entry_id.in_(concerned))
        .subquery()
    )
    past = select(numbered.c.id).where(numbered.c.number > keeping, numbered.c.at < moment)
    tx.execute(delete(fates).where(fates.c.id.in_(past)))


def unnamed_heads(tx: Transaction) -> int:
    """Forget heads of documents that no entry names any more; gives how many."""
    named = select(entries.c.id).where(entries.c.head_id == heads.c.id).exists()
    gone = list(tx.execute(select(heads.c.id).where(~named).limit(_BATCH)).scalars())
    if gone:
        tx.execute(delete(heads).where(heads.c.id.in_(gone)))
    return len(gone)


def checkpoint(store: Store) -> bool:
    """Fold SQLite's write-ahead log into the database; gives whether nobody was in the way."""
    return store.sqlite_path is not None and files.checkpoint(store.sqlite_path)
