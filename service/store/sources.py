"""Sources and hosts: what is due, who may ask, and where a source stands.

A host is claimed before anything of it is fetched. The claim's fence grows each time, and every write of a
poll is held against it, so a process that slept through its lease writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import insert, or_, select, update

from service.errors import LeaseLost
from service.model import HostLease, Source, SourceState
from service.store.schema import hosts, sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Row, RowMapping

    from service.store.database import Transaction

_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """The host that politeness counts by: name and port, lower case."""
    parts = urlsplit(url)
    name = (parts.hostname or "").lower().rstrip(".")
    return name if parts.port in (None, _PORTS.get(parts.scheme)) else f"{name}:{parts.port}"


def declare(tx: Transaction, declared: Iterable[tuple[str, str, str, bool]], now: datetime) -> None:
    """Bring the sources in line with config.toml: (slug, name, url, paused) each.

    A new source is due at once. One that stays keeps its time, whatever happens to its settings,
    so no reload polls early (POL-08); a new URL forgets the validators of the old one (POL-04).
    """
    known = {row.slug: row for row in tx.execute(select(sources))}
    wanted = {}
    for slug, name, url, paused in declared:
        wanted[slug] = True
        _open_host(tx, host_of(url))
        _declare_one(tx, known.get(slug), _settings(slug, name, url, paused), now)
    gone = [row.id for slug, row in known.items() if slug not in wanted]
    tx.execute(
        update(sources).where(sources.c.id.in_(gone)).values(state=SourceState.REMOVED.value)
    )


def _settings(slug: str, name: str, url: str, paused: bool) -> dict[str, Any]:
    state = SourceState.PAUSED if paused else SourceState.ACTIVE
    return {"slug": slug, "name": name, "url": url, "host": host_of(url), "state": state.value}


def _declare_one(
    tx: Transaction, row: Row[Any] | None, settings: dict[str, Any], now: datetime
) -> None:
    if row is None:
        tx.execute(insert(sources).values(settings | {"next_at": now}))
        return
    moved = row.url != settings["url"]
    if row.state == SourceState.STOPPED and not moved and settings["state"] == SourceState.ACTIVE:
        settings |= {"state": row.state}  # what upstream ended stays ended until its URL changes
    if moved:
        settings |= {"etag": None, "last_modified": None, "validators_url": None, "failures": 0}
    if any(getattr(row, name) != value for name, value in settings.items()):
        tx.execute(update(sources).where(sources.c.id == row.id).values(settings))


def _open_host(tx: Transaction, name: str) -> None:
    if tx.execute(select(hosts.c.name).where(hosts.c.name == name)).first() is None:
        tx.execute(insert(hosts).values(name=name))


def at(tx: Transaction, slug: str) -> Source | None:
    """The source of that slug."""
    row = tx.execute(select(sources).where(sources.c.slug == slug)).mappings().one_or_none()
    return _source(row) if row else None


def listed(tx: Transaction) -> list[Source]:
    """Every source ever declared, by slug."""
    rows = tx.execute(select(sources).order_by(sources.c.slug)).mappings()
    return [_source(row) for row in rows]


def due_hosts(tx: Transaction, now: datetime, *, limit: int) -> list[str]:
    """Hosts with a source to poll that nobody holds now, the longest waiting first."""
    query = (
        select(sources.c.host, sources.c.next_at)
        .join(hosts, hosts.c.name == sources.c.host)
        .where(_due(now), _free(now))
        .order_by(sources.c.next_at)
    )
    found = dict.fromkeys(row.host for row in tx.execute(query))
    return list(found)[:limit]


def due(tx: Transaction, host: str, now: datetime) -> list[Source]:
    """The sources of a host that are to be polled now, the longest waiting first."""
    query = select(sources).where(sources.c.host == host, _due(now)).order_by(sources.c.next_at)
    return [_source(row) for row in tx.execute(query).mappings()]


def _due(now: datetime) -> Any:
    return (sources.c.state == SourceState.ACTIVE.value) & (sources.c.next_at <= now)


def _free(now: datetime) -> Any:
    unclaimed = or_(hosts.c.leased_until.is_(None), hosts.c.leased_until <= now)
    unpaused = or_(hosts.c.not_before.is_(None), hosts.c.not_before <= now)
    return unclaimed & unpaused


def claim(
    tx: Transaction, host: str, *, owner: str, now: datetime, lasting: timedelta
) -> HostLease | None:
    """Take the lease of a host if nobody holds it; one statement, safe among many processes."""
    statement = (
        update(hosts)
        .where(hosts.c.name == host, _free(now))
        .values(owner=owner, leased_until=now + lasting, fence=hosts.c.fence + 1)
        .returning(hosts.c.fence)
    )
    fence = tx.execute(statement).scalar_one_or_none()
    return None if fence is None else HostLease(host, owner, fence)


def hold(tx: Transaction, lease: HostLease, *, now: datetime, lasting: timedelta) -> None:
    """Make sure the lease is still ours, and renew it.

    Raises:
        LeaseLost: Another process has claimed the host since.
    """
    statement = (
        update(hosts)
        .where(hosts.c.name == lease.host, hosts.c.fence == lease.fence)
        .values(leased_until=now + lasting, last_request=now)
    )
    if tx.execute(statement).rowcount == 0:
        raise LeaseLost(f"another process polls {lease.host} now")


def release(tx: Transaction, lease: HostLease, *, not_before: datetime) -> None:
    """Give the host back, to be asked again from then on, unless another process holds it already."""
    tx.execute(
        update(hosts)
        .where(hosts.c.name == lease.host, hosts.c.fence == lease.fence)
        .values(owner=None, leased_until=None, not_before=not_before)
    )


def record(tx: Transaction, source: Source) -> None:
    """Keep where a source stands after a poll."""
    values = {
        column: getattr(source, column)
        for column in (
            "etag",
            "last_modified",
            "validators_url",
            "body_digest",
            "reader_version",
            "next_at",
            "failures",
            "last_poll",
            "last_success",
            "last_error",
            "feed_title",
            "feed_home",
            "feed_id",
        )
    }
    statement = update(sources).where(sources.c.id == source.id)
    tx.execute(statement.values(values))
    polled = (SourceState.ACTIVE.value, SourceState.STOPPED.value)
    if source.state in polled:  # what its operator has said meanwhile stays
        tx.execute(statement.where(sources.c.state.in_(polled)).values(state=source.state.value))


def _source(row: RowMapping) -> Source:
    values = {column.name: row[column.name] for column in sources.c}
    return Source(**values | {"state": SourceState(row["state"])})
