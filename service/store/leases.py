"""Leases: the right to talk to a host, which one poller holds at a time.

A lease ends by the database's clock, so pollers whose own clocks disagree agree on it. Each claim makes the
host's fence grow; every write of a poll is held against the fence in its own transaction, so a process that
slept through its lease writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, literal, or_, update

from service.errors import LeaseLost
from service.model import HostLease
from service.store.schema import hosts
from service.store.types import DatabaseTime

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement

    from service.store.database import Transaction


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether a row of `hosts` may be claimed: its lease is over, and so is the pause after it.

    The lease by the database's clock, the pause by ours: `now`.
    """
    unclaimed = or_(hosts.c.leased_until.is_(None), hosts.c.leased_until <= DatabaseTime())
    unpaused = or_(hosts.c.not_before.is_(None), hosts.c.not_before <= now)
    return unclaimed & unpaused


def claim(
    tx: Transaction, host: str, *, owner: str, now: datetime, lasting: timedelta
) -> HostLease | None:
    """Take the lease of a host if nobody holds it; one statement, safe among many processes."""
    statement = (
        update(hosts)
        .where(hosts.c.name == host, is_free(now))
        .values(owner=owner, leased_until=_after(lasting), fence=hosts.c.fence + 1)
        .returning(hosts.c.fence)
    )
    fence = tx.execute(statement).scalar_one_or_none()
    return None if fence is None else HostLease(host, owner, fence, lasting)


def hold(tx: Transaction, lease: HostLease, *, now: datetime) -> None:
    """Make sure the lease is still ours, and renew it; nobody takes it before this transaction ends.

    Raises:
        LeaseLost: Another process has claimed the host since.
    """
    statement = _ours(lease).values(leased_until=_after(lease.lasting), last_request=now)
    if tx.execute(statement).rowcount == 0:
        raise LeaseLost(f"another process polls {lease.host} now")


def pause(tx: Transaction, lease: HostLease, *, until: datetime) -> None:
    """Let nobody ask the host before that, also when the lease is over."""
    tx.execute(_ours(lease).values(not_before=until))


def release(tx: Transaction, lease: HostLease, *, not_before: datetime) -> None:
    """Give the host back, to be asked again from then on, unless another process holds it already.

    A longer pause stays.
    """
    free = literal(not_before, hosts.c.not_before.type)
    paused = case((hosts.c.not_before > free, hosts.c.not_before), else_=free)
    tx.execute(_ours(lease).values(owner=None, leased_until=None, not_before=paused))


def _ours(lease: HostLease) -> Any:
    return update(hosts).where(hosts.c.name == lease.host, hosts.c.fence == lease.fence)


def _after(lasting: timedelta) -> ColumnElement[int]:
    """That long from now, by the database's clock."""
    return DatabaseTime() + round(lasting.total_seconds() * 1_000_000)
