"""Leases: the right to talk to a host, which one poller holds at a time.

A lease ends by the database's clock, so pollers whose own clocks disagree agree on it. Each claim makes the
host's fence grow; every write of a poll is held against the fence in its own transaction, so a process that
slept through its lease writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, or_, update

from service.errors import LeaseLost
from service.model import HostLease
from service.store.among import among
from service.store.many import Many
from service.store.schema import hosts
from service.store.types import DatabaseTime, Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import BindParameter, ColumnElement

    from service.store.database import Transaction


def is_free(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether a row of `hosts` may be claimed: its lease is over, and so is the pause after it.

    The lease by the database's clock, the pause by ours: `now`.
    """
    unclaimed = or_(hosts.c.leased_until.is_(None), hosts.c.leased_until <= DatabaseTime())
    unpaused = or_(hosts.c.not_before.is_(None), hosts.c.not_before <= now)
    return unclaimed & unpaused


_ENDS = DatabaseTime() + bindparam("lasting", type_=Span())
_FREE: Any = bindparam("free", type_=hosts.c.not_before.type)
_CLAIM = (
    update(hosts)
    .where(among(hosts.c.name, "hosts"), is_free(bindparam("now")))
    .values(
        owner=bindparam("by"),
        leased_until=_ENDS,
        fence=hosts.c.fence + 1,
        last_request=bindparam("now"),
    )
    .returning(hosts.c.name, hosts.c.fence)
)
_OURS = update(hosts).where(hosts.c.name == bindparam("host"), hosts.c.fence == bindparam("held"))
_HOLD = Many(_OURS.values(leased_until=_ENDS, last_request=bindparam("now")))
_PAUSE = _OURS.values(not_before=_FREE)
_PAUSED = case((hosts.c.not_before > _FREE, hosts.c.not_before), else_=_FREE)
_RELEASE = Many(_OURS.values(owner=None, leased_until=None, not_before=_PAUSED))


def claim(
    tx: Transaction, host: str, *, owner: str, now: datetime, lasting: timedelta
) -> HostLease | None:
    """Take the lease of a host if nobody holds it."""
    return claim_all(tx, [host], owner=owner, now=now, lasting=lasting).get(host)


def claim_all(
    tx: Transaction, wanted: Sequence[str], *, owner: str, now: datetime, lasting: timedelta
) -> dict[str, HostLease]:
    """Take the leases of these hosts that nobody holds; one statement, safe among many processes."""
    asked = {"hosts": list(wanted), "by": owner, "now": now, "lasting": lasting}
    rows = tx.execute(_CLAIM, asked)
    return {row.name: HostLease(row.name, owner, row.fence, lasting) for row in rows}


def hold(tx: Transaction, *held: HostLease, now: datetime) -> None:
    """Make sure the leases are still ours, and renew them; nobody takes one before this transaction ends.

    Raises:
        LeaseLost: Another process has claimed a host since.
    """
    rows = [_named(lease) | {"lasting": lease.lasting, "now": now} for lease in held]
    if _HOLD.run(tx, rows) != len(rows):
        raise LeaseLost(f"another process polls {' or '.join(it.host for it in held)} now")


def pause(tx: Transaction, lease: HostLease, *, until: datetime) -> None:
    """Let nobody ask the host before that, also when the lease is over."""
    tx.execute(_PAUSE, _named(lease) | {"free": until})


def release(tx: Transaction, *held: HostLease, not_before: datetime) -> None:
    """Give the hosts back, to be asked again from then on, but for those that another process holds already.

    A longer pause stays.
    """
    _RELEASE.run(tx, [_named(lease) | {"free": not_before} for lease in held])


def _named(lease: HostLease) -> dict[str, Any]:
    return {"host": lease.host, "held": lease.fence}
