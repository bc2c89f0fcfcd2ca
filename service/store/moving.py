"""What moves an article from one status to another: release, retraction, and what brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from service.errors import Refused
from service.model import Status
from service.store import changelog, shelving
from service.store.saving import announce, number, stand
from service.store.schema import articles
from service.store.shelving import Move, shelve

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.database import Transaction
    from service.store.shelving import Stand

_PLACE = ("guid", "path", "slug", "status", "release", "retracted", "retraction_reason")


def retract(tx: Transaction, row_id: int, *, reason: str, now: datetime) -> None:
    """Withdraw a published article: its page answers 410 and its feeds carry a tombstone.

    Raises:
        Refused: It is not published.
    """
    values = dict[str, object](
        status=Status.RETRACTED.value, retracted=now, retraction_reason=reason
    )
    _move(tx, row_id, Status.PUBLISHED, values, now)


def restore(
    tx: Transaction, row_id: int, *, now: datetime, updated: datetime | None = None
) -> None:
    """Publish a retracted article again, under another date of its latest edit where one is given.

    Raises:
        Refused: It is not retracted.
    """
    values = dict[str, object](
        status=Status.PUBLISHED.value, retracted=None, retraction_reason=None
    )
    if updated is not None:
        values["updated"] = updated
    after = _move(tx, row_id, Status.RETRACTED, values, now)
    number(tx, {row_id: after.scopes})


def surface(tx: Transaction, row_id: int, *, now: datetime) -> None:
    """Publish what was kept unseen as a copy of another article.

    Raises:
        Refused: It is no copy.
    """
    _put(tx, row_id, Status.MERGED, Status.PUBLISHED, now)


def trade(tx: Transaction, shown: int, copy: int, *, now: datetime) -> None:
    """Let a copy take the place of the article that is shown: its id, its address, its status.

    What each of them says stays with its row.
    """
    before = shelving.stands(tx, [shown, copy])
    columns = [articles.c[name] for name in _PLACE]
    places = {
        it: dict(tx.execute(select(*columns).where(articles.c.id == it)).mappings().one())
        for it in (shown, copy)
    }
    aside = {"guid": f"trade:{shown}", "path": f"trade:{shown}"}  # each article has its own
    for it, place in ((shown, aside), (copy, places[shown]), (shown, places[copy])):
        tx.execute(update(articles).where(articles.c.id == it).values(place))
    after = shelving.stands(tx, [shown, copy])
    shelve(tx, [Move(it, before[it], after[it]) for it in (shown, copy)])
    status = Status(places[shown]["status"])
    scopes = {copy: after[copy].scopes}
    announce(tx, {copy: status}, scopes, now, before=before[shown].scopes, was=status)


def _move(
    tx: Transaction, row_id: int, status: Status, values: dict[str, object], now: datetime
) -> Stand:
    """Gives where the article stands after it."""
    statement = update(articles).where(articles.c.id == row_id, articles.c.status == status)
    before = stand(tx, row_id)
    if tx.execute(statement.values(values)).rowcount == 0:
        raise Refused(f"article {row_id} is not {status.value}")
    after = stand(tx, row_id)
    shelve(tx, [Move(row_id, before, after)])
    changelog.append(tx, after.scopes, now)
    return after


def expire_due(tx: Transaction, now: datetime) -> list[int]:
    """Retract every article whose time to be shown is over. Gives their row ids."""
    due = (
        select(articles.c.id)
        .where(articles.c.status == Status.PUBLISHED, articles.c.expires <= now)
        .order_by(articles.c.expires, articles.c.id)
        .limit(50)
    )
    expired = list(tx.execute(due).scalars())
    for row_id in expired:
        retract(tx, row_id, reason="The time for which it could be published is over.", now=now)
    return expired


def release_due(tx: Transaction, now: datetime) -> list[int]:
    """Publish every scheduled article whose time has come, the oldest first. Gives their row ids."""
    time = func.coalesce(articles.c.release, articles.c.published)
    due = (
        select(articles.c.id)
        .where(articles.c.status == Status.SCHEDULED, time <= now)
        .order_by(time, articles.c.id)
        .limit(50)
    )
    released = list(tx.execute(due).scalars())
    for row_id in released:
        _put(tx, row_id, Status.SCHEDULED, Status.PUBLISHED, now)
    return released


def let_out(tx: Transaction, row_id: int, *, now: datetime) -> Status:
    """Publish a draft, or schedule it where its release is still to come. Gives which.

    Raises:
        Refused: It is no draft.
    """
    release = tx.execute(select(articles.c.release).where(articles.c.id == row_id)).scalar()
    status = Status.SCHEDULED if release and release > now else Status.PUBLISHED
    _put(tx, row_id, Status.DRAFT, status, now)
    return status


def hold_back(tx: Transaction, row_id: int, *, now: datetime) -> None:
    """Make a draft of a scheduled article.

    Raises:
        Refused: It is not scheduled.
    """
    _put(tx, row_id, Status.SCHEDULED, Status.DRAFT, now)


def _put(tx: Transaction, row_id: int, was: Status, status: Status, now: datetime) -> None:
    """Move an article between the statuses that no reader has seen yet, or out of them."""
    before = stand(tx, row_id)
    statement = update(articles).where(articles.c.id == row_id, articles.c.status == was)
    if tx.execute(statement.values(status=status.value)).rowcount == 0:
        raise Refused(f"article {row_id} is not {was.value}")
    after = stand(tx, row_id)
    shelve(tx, [Move(row_id, before, after)])
    announce(tx, {row_id: status}, {row_id: after.scopes}, now, was=was)
