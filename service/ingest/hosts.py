"""Hosts: claimed, held while their due sources are asked one by one, and given back with a gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from service.errors import LeaseLost, NotFound, Refused, StoreError
from service.ingest import opening
from service.ingest.opening import Next, Wish
from service.ingest.polling import poll_source
from service.ingest.turning import Waiting
from service.model import PollResult, SourceState
from service.store import leases, sources
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from service.config import Fetch
    from service.ingest.opening import Visit
    from service.ingest.poll import Ended, Poll
    from service.model import PollOutcome, Source
    from service.runtime import Runtime

_LEASE = timedelta(minutes=2)
_TOO_MANY = 429
_MARGIN = timedelta(minutes=1)  # between the end of a fetch and that of its lease


def lease_time(fetch: Fetch) -> timedelta:
    """How long a host stays ours unless the lease is renewed.

    It is renewed before each request, and outlasts the whole fetch and the gap after it: who comes to hold
    the host next asks neither at the same time nor too soon.
    """
    return max(_LEASE, fetch.total + fetch.gap + _MARGIN)


class Round(Struct, frozen=True):
    """What came of polling many hosts."""

    outcomes: list[PollOutcome]
    refused: dict[str, str]  # hosts that were not polled to their end, and what the database said


def due_hosts(runtime: Runtime, *, only_due: bool) -> list[str]:
    """Every host that is due, the longest waiting first, or every one.

    Raises:
        StoreError: The database cannot be used.
    """
    most = len(runtime.config.every_source) + len(runtime.config.lists)
    with runtime.store.reading() as tx:
        return sources.due_hosts(tx, runtime.clock.now(), limit=most, only_due=only_due)


def poll_due(runtime: Runtime, *, owner: str, only_due: bool = True) -> Round:
    """Poll every host that is due, the longest waiting first, or every one, side by side.

    Where the database refuses a host, the others go on.
    """
    return poll_hosts(
        runtime, due_hosts(runtime, only_due=only_due), owner=owner, only_due=only_due
    )


def poll_hosts(
    runtime: Runtime,
    hosts: Iterable[str],
    *,
    owner: str,
    only_due: bool,
    at_once: int | None = None,
) -> Round:
    """Poll these hosts, `at_once` side by side, or as many as [fetch] says.

    The next is asked for whenever there is room for it, by any thread. Where the database refuses one, the
    others go on.
    """
    lasting = lease_time(runtime.config.fetch)
    wish = partial(Wish, runtime, owner=owner, lasting=lasting, only_due=only_due)
    waiting = Waiting(map(wish, hosts))
    number = at_once or runtime.config.fetch.hosts_at_once
    found = Round([], {})
    with ThreadPoolExecutor(number) as threads:
        try:
            for it in [threads.submit(_poll_waiting, waiting, found) for _ in range(number)]:
                it.result()
        finally:
            waiting.clear()
    return replace(found, outcomes=in_order(found.outcomes))


def in_order(outcomes: Iterable[PollOutcome]) -> list[PollOutcome]:
    """The polls in the order in which they began."""
    return sorted(outcomes, key=lambda it: it.id)


def _poll_waiting(waiting: Waiting, found: Round) -> None:
    """Poll one host after the other until none waits."""
    while it := waiting.next():
        try:
            visit = opening.visit(it) if isinstance(it, Wish) else it
            for outcome in _poll_each(visit, waiting) if visit else ():
                found.outcomes.append(outcome)
        except StoreError as error:
            found.refused[it.host] = str(error)


def poll_host(
    runtime: Runtime,
    host: str,
    *,
    owner: str,
    lasting: timedelta | None = None,
    only_due: bool = True,
) -> list[PollOutcome]:
    """Poll the due sources of a host, or all, one by one with the gap between, if nobody else does.

    `lasting` is another length of the lease than `lease_time`, longer than [fetch] total.

    Raises:
        StoreError: The database cannot be used; what is not polled stays due.
    """
    lasting = lasting or lease_time(runtime.config.fetch)
    visit = opening.visit(Wish(runtime, host, owner, lasting, only_due))
    return list(_poll_each(visit, Waiting())) if visit else []


def poll_named(runtime: Runtime, slug: str, *, owner: str) -> PollOutcome:
    """Poll one source now, due or not, paused or not.

    Raises:
        NotFound: config.toml and its lists name no such source.
        Refused: Another process talks to its host just now.
    """
    with runtime.store.reading() as tx:
        source = sources.at(tx, slug)
    if source is None or runtime.config.pulled(slug) is None:
        raise NotFound(f"config.toml names no source {slug!r}")
    lasting = lease_time(runtime.config.fetch)
    wish = Wish(runtime, source.host, owner, lasting, only_due=False, slug=slug)
    visit = opening.visit(wish)
    if visit is None:  # perhaps it was asked just now: wait for the gap
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        visit = opening.visit(wish)
    outcomes = list(_poll_each(visit, Waiting())) if visit else []
    if not outcomes:
        raise Refused(
            f"{source.host} is being polled just now, or asked for a pause; try again later"
        )
    return outcomes[0]


def _poll_each(visit: Visit, waiting: Waiting) -> Iterator[PollOutcome]:
    """Poll the sources one by one, all or those that are due still, and give the lease back."""
    runtime, lease = visit.poll.runtime, visit.lease
    is_released = False
    try:
        for ended in _ended(visit, waiting):
            is_released = ended.is_released
            yield ended.outcome
            if ended.outcome.http_status == _TOO_MANY:
                break  # the others of the host are due still when its pause is over
    except LeaseLost as lost:
        metrics.LEASES_LOST.inc()
        log().warning("lease lost", host=lease.host, reason=str(lost))
    finally:
        if not is_released:
            with runtime.store.writing() as tx:
                free = runtime.clock.now() + runtime.config.fetch.gap
                leases.release(tx, lease, not_before=free)


def _ended(visit: Visit, waiting: Waiting) -> Iterator[Ended]:
    """The polls of a visit, one after the other with the gap between."""
    runtime = visit.poll.runtime
    yield from _with_archives(visit.poll, waiting)
    for slug in visit.left:
        if runtime.stopping.is_set():
            return
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        if found := _next(visit, slug):
            yield from _with_archives(opening.begin(found), waiting)


def _next(visit: Visit, slug: str) -> Next | None:
    """A source as it stands now, unless config.toml was changed since: moved, paused, left it out."""
    runtime = visit.poll.runtime
    settings = runtime.config.pulled(slug)
    with runtime.store.reading() as tx:
        source = sources.at(tx, slug)
    if not (settings and source) or source.host != visit.host:
        return None
    if visit.only_due and not _is_due(source, runtime.clock.now()):
        return None
    is_last = slug == visit.left[-1]
    return Next(runtime, visit.lease, source, settings, source.asked, is_last)


def _with_archives(poll: Poll, waiting: Waiting) -> Iterator[Ended]:
    """Poll a source; then its archive documents with the gap between, while all goes well.

    What is left of them comes after the source's next poll.
    """
    runtime = poll.runtime
    ended = poll_source(poll, waiting)
    yield ended
    while (archive := ended.source.archive) and ended.outcome.result is not PollResult.FAILED:
        if runtime.stopping.is_set():
            return
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        it = Next(runtime, poll.lease, ended.source, poll.settings, archive, poll.is_last)
        ended = poll_source(opening.begin(it), waiting)
        yield ended


def _is_due(source: Source, now: datetime) -> bool:
    active = source.state is SourceState.ACTIVE
    return active and source.next_at is not None and source.next_at <= now
