"""Sources: what config.toml declares, what is due, and where each stands."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    Boolean,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from service.model import Source, SourceState
from service.store import leases
from service.store.among import among
from service.store.many import Many
from service.store.schema import hosts, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Result

    from service.store.database import Transaction

_PORTS = {"http": 80, "https": 443}
_DECLARED = (
    sources.c.id,
    sources.c.slug,
    sources.c.name,
    sources.c.url,
    sources.c.host,
    sources.c.state,
    sources.c.address,
)
_TURNED_BACK = timedelta(minutes=5)  # at least: processes' clocks may disagree a little
_ACTIVE = sources.c.state == SourceState.ACTIVE.value
_NAMED = select(sources).where(sources.c.slug == bindparam("slug"))
_ALL_OF_HOSTS = (
    select(sources)
    .where(_ACTIVE, among(sources.c.host, "hosts"))
    .order_by(sources.c.next_at, sources.c.id)
)
_DUE_OF_HOSTS = _ALL_OF_HOSTS.where(sources.c.next_at <= bindparam("now"))
_STANDING = (  # what a poll tells of a source
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
    "failing_since",
    "last_new",
    "rhythm",
    "asked_every",
    "skip_hours",
    "skip_days",
    "move_to",
    "move_since",
    "move_sightings",
    "move_known",
    "archive",
    "archives_left",
    "feed_title",
    "feed_home",
    "feed_id",
    "quarantined",
    "shared_ids",
)
_stands = attrgetter(*_STANDING)
_SEVERAL = ("skip_hours", "skip_days", "shared_ids")
_POLLED = (SourceState.ACTIVE.value, SourceState.STOPPED.value)
_ASKED = update(sources).where(
    sources.c.id == bindparam("source"), sources.c.url == bindparam("asked")
)
_IS_POLLED = or_(*(sources.c.state == it for it in _POLLED))
_RECORD = Many(
    _ASKED.values(  # what its operator has said meanwhile stays
        state=case(
            (_IS_POLLED & bindparam("is_polled", type_=Boolean), bindparam("stands")),
            else_=sources.c.state,
        )
    ),
    _STANDING,
)


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
    known = {row["slug"]: row for row in _named(tx.execute(select(*_DECLARED)))}
    wanted = {slug: _settings(slug, name, url, paused) for slug, name, url, paused in declared}
    added = [_placed(it) for slug, it in wanted.items() if slug not in known]
    stayed = [_merged(known[slug], it) for slug, it in wanted.items() if slug in known]
    removed = [
        row | {"state": SourceState.REMOVED.value}
        for slug, row in known.items()
        if slug not in wanted
    ]
    changed = [it for it in (*stayed, *removed) if it != known[it["slug"]]]
    moved = [it for it in changed if it["url"] not in _addresses(known[it["slug"]])]
    open_hosts(tx, {it["host"] for it in (*added, *changed)})
    _add(tx, [it | {"next_at": now} for it in added])
    _change(tx, changed)
    _forget_validators(tx, moved)


def _settings(slug: str, name: str, url: str, paused: bool) -> dict[str, Any]:
    state = SourceState.PAUSED if paused else SourceState.ACTIVE
    return {"slug": slug, "name": name, "url": url, "state": state.value}


def _placed(settings: dict[str, Any]) -> dict[str, Any]:
    """The same with the host that is asked, which only a new URL decides."""
    return settings | {"host": host_of(settings["url"]), "address": None}


def _merged(row: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """What upstream ended stays ended, and where it moved it is asked, until its URL changes."""
    if row["url"] != settings["url"]:
        return row | _placed(settings)
    ended = row["state"] == SourceState.STOPPED and settings["state"] == SourceState.ACTIVE
    return row | settings | ({"state": row["state"]} if ended else {})


def _addresses(row: dict[str, Any]) -> set[str | None]:
    """Where a source was asked until now, or could have been."""
    return {row["url"], row["address"]}


def open_hosts(tx: Transaction, names: set[str]) -> None:
    """Let these hosts be claimed."""
    fresh = names - set(tx.execute(select(hosts.c.name)).scalars())
    if fresh:
        tx.execute(insert(hosts), [{"name": name} for name in sorted(fresh)])


def _add(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(insert(sources), rows)


def _change(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    values = {it.name: bindparam(f"new_{it.name}", type_=it.type) for it in _DECLARED}
    statement = update(sources).where(sources.c.id == values.pop("id")).values(values)
    if rows:
        tx.execute(statement, [{f"new_{name}": it for name, it in row.items()} for row in rows])


def _forget_validators(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    nothing = ("etag", "last_modified", "validators_url", "failing_since", "move_to", "move_since")
    forgotten = dict.fromkeys(nothing) | {"failures": 0, "move_sightings": 0, "move_known": False}
    statement = update(sources).where(sources.c.id == bindparam("moved")).values(forgotten)
    if rows:
        tx.execute(statement, [{"moved": row["id"]} for row in rows])


def at(tx: Transaction, slug: str) -> Source | None:
    """The source of that slug."""
    return next(iter(_sources(tx.execute(_NAMED, {"slug": slug}))), None)


def listed(tx: Transaction) -> list[Source]:
    """Every source ever declared, by slug."""
    return _sources(tx.execute(select(sources).order_by(sources.c.slug)))


def due_hosts(tx: Transaction, now: datetime, *, limit: int, only_due: bool = True) -> list[str]:
    """Hosts with a source to poll that nobody holds now: the longest waiting first, but all of them in the
    order of their rows, so that fewer pages are written with each few.
    """
    order = (func.min(sources.c.next_at), sources.c.host) if only_due else (func.min(sources.c.id),)
    query = (
        select(sources.c.host)
        .join(hosts, hosts.c.name == sources.c.host)
        .where(_due(now) if only_due else _ACTIVE, leases.is_free(now))
        .group_by(sources.c.host)
        .order_by(*order)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def due(
    tx: Transaction, names: Collection[str], now: datetime, *, only_due: bool = True
) -> dict[str, list[Source]]:
    """The sources of each of these hosts that are polled now, or at all, the longest waiting first."""
    query = _DUE_OF_HOSTS if only_due else _ALL_OF_HOSTS
    found: dict[str, list[Source]] = {name: [] for name in names}
    for it in _sources(tx.execute(query, {"hosts": list(names), "now": now})):
        found[it.host].append(it)
    return found


def _due(now: datetime) -> Any:
    return _ACTIVE & (sources.c.next_at <= now)


def heed_clock(tx: Transaction, now: datetime) -> None:
    """Where the clock was turned back since a poll, let the wait after it begin now.

    Else a clock that was wrong for a moment would silence sources and hosts until the time it told has come.
    """
    ahead = now + _TURNED_BACK
    for table, since, until in (
        (sources, sources.c.last_poll, sources.c.next_at),
        (hosts, hosts.c.last_request, hosts.c.not_before),
    ):
        wait = type_coerce(until, BigInteger) - type_coerce(since, BigInteger)
        start = cast(literal(now, since.type), BigInteger)
        statement = update(table).where(since > ahead).values({until: start + wait, since: now})
        tx.execute(statement)


def record(tx: Transaction, *polled: Source) -> None:
    """Keep where sources stand after a poll, but for those whose URL has changed since they were asked."""
    _RECORD.run(tx, [_row(it) for it in polled])


def _row(source: Source) -> dict[str, Any]:
    values = dict(zip(_STANDING, _stands(source), strict=True))
    is_polled = source.state in _POLLED
    asked = {"source": source.id, "asked": source.url}
    return values | asked | {"stands": source.state.value, "is_polled": is_polled}


def move(tx: Transaction, source: Source) -> None:
    """Ask a source at its new address from now on, unless its URL has changed since it was asked."""
    open_hosts(tx, {source.host})
    statement = update(sources).where(sources.c.id == source.id, sources.c.url == source.url)
    tx.execute(statement.values(address=source.address, host=source.host))


def _sources(rows: Result[Any]) -> list[Source]:
    return [_source(it) for it in _named(rows)]


def _named(rows: Result[Any]) -> Iterator[dict[str, Any]]:
    """Rows by the names of their columns; a mapping of SQLAlchemy's for each takes longer."""
    names = list(rows.keys())
    return (dict(zip(names, row, strict=True)) for row in rows.all())


def _source(values: dict[str, Any]) -> Source:
    for name in _SEVERAL:
        values[name] = tuple(values[name])
    values["state"] = SourceState(values["state"])
    return Source(**values)
