"""Articles that wait for their release, once the settings have their sources published later or earlier."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from service.model import SourceState, Status
from service.store import meta
from service.store.saving import announce
from service.store.schema import articles, sources
from service.store.shelving import Move, shelve, stands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.store.database import Transaction

_DELAYS = "delays"  # by slug, in microseconds, of the sources that have any
_RESCHEDULED = "rescheduled"  # the row id of the last article looked at, as long as there are more
_NEXT = (
    select(
        articles.c.id,
        articles.c.status,
        articles.c.source,
        articles.c.published,
        articles.c.release,
    )
    .join(sources, sources.c.slug == articles.c.source)
    .where(
        articles.c.status.in_([Status.SCHEDULED.value, Status.DRAFT.value]),
        articles.c.release.is_not(None),
        articles.c.id > bindparam("last"),
        sources.c.state != SourceState.REMOVED.value,
    )
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
_MOVE = update(articles).where(articles.c.id == bindparam("number"))


def go_by(tx: Transaction, delays: Mapping[str, timedelta]) -> None:
    """Keep how long after its source an article is published; if that has changed, releases are to move."""
    told = json.dumps(
        {slug: it // timedelta(microseconds=1) for slug, it in sorted(delays.items()) if it}
    )
    before = meta.told(tx, _DELAYS)
    if told != before:
        meta.renew(tx, _DELAYS, told)
    if before not in (None, told):
        meta.renew(tx, _RESCHEDULED, "0")


def is_due(tx: Transaction) -> bool:
    """Whether releases are to be looked at."""
    return meta.noted(tx, _RESCHEDULED)


def reschedule(tx: Transaction, now: datetime, *, limit: int) -> bool:
    """Move the releases of the next articles that wait for theirs. Gives whether there may be more.

    What a source has sent that config.toml names no more is released when that was settled before.
    """
    last = int(meta.told(tx, _RESCHEDULED) or 0)
    rows = tx.execute(_NEXT, {"last": last, "most": limit}).all()
    _move(tx, rows, json.loads(meta.told(tx, _DELAYS) or "{}"), now)
    if len(rows) < limit:
        meta.forget(tx, _RESCHEDULED)
        return False
    meta.renew(tx, _RESCHEDULED, str(rows[-1].id))
    return True


def _move(tx: Transaction, rows: Sequence[Any], delays: Mapping[str, int], now: datetime) -> None:
    due = {it.id: it.published + timedelta(microseconds=delays.get(it.source, 0)) for it in rows}
    moved = {it.id: Status(it.status) for it in rows if due[it.id] != it.release}
    if not moved:
        return
    before = stands(tx, moved)
    tx.execute(
        _MOVE.values(release=bindparam("at")), [{"number": it, "at": due[it]} for it in moved]
    )
    after = stands(tx, moved)
    shelve(tx, [Move(it, before[it], after[it]) for it in moved])
    for status in set(moved.values()):
        some = {it: status for it, found in moved.items() if found is status}
        announce(tx, some, {it: after[it].scopes for it in some}, now, was=status)
