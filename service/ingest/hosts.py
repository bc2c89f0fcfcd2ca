"""Hosts: claimed, held while their due sources are asked one by one, and given back with a gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from service.errors import LeaseLost, NotFound, Refused, StoreError
from service.ingest.polling import poll_source
from service.model import PollResult, SourceState
from service.store import leases, sources
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.config import Fetch, SourceSettings
    from service.model import HostLease, PollOutcome, Source
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


@dataclass(frozen=True, slots=True)
class Round:
    """What came of polling many hosts."""

    outcomes: list[PollOutcome]
    refused: dict[str, str]  # hosts that were not polled to their end, and what the database said


def poll_due(runtime: Runtime, *, owner: str, only_due: bool = True) -> Round:
    """Poll every host that is due, or every one, side by side; the longest waiting first.

    Where the database refuses a host, the others go on.
    """
    with runtime.store.reading() as tx:
        hosts = sources.due_hosts(
            tx,
            runtime.clock.now(),
            limit=len(runtime.config.every_source) + len(runtime.config.lists),
            only_due=only_due,
        )
    found = Round([], {})

    def poll(host: str) -> list[PollOutcome]:
        outcomes: list[PollOutcome] = []
        try:
            for outcome in _polled(runtime, host, owner, only_due=only_due):
                outcomes.append(outcome)
        except StoreError as error:
            found.refused[host] = str(error)
        return outcomes

    with ThreadPoolExecutor(runtime.config.fetch.hosts_at_once) as threads:
        for outcomes in threads.map(poll, hosts):
            found.outcomes.extend(outcomes)
    return found


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
    return list(_polled(runtime, host, owner, lasting, only_due=only_due))


def _polled(
    runtime: Runtime,
    host: str,
    owner: str,
    lasting: timedelta | None = None,
    *,
    only_due: bool,
) -> Iterator[PollOutcome]:
    lease = _claim(runtime, host, owner, lasting)
    if lease is None:
        return
    with runtime.store.reading() as tx:
        found = sources.due(tx, host, runtime.clock.now(), only_due=only_due)
    yield from _poll_each(runtime, lease, [it.slug for it in found], only_due=only_due)


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
    lease = _claim(runtime, source.host, owner)
    if lease is None:  # perhaps it was asked just now: wait for the gap
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        lease = _claim(runtime, source.host, owner)
    outcomes = list(_poll_each(runtime, lease, [slug], only_due=False)) if lease else []
    if not outcomes:
        raise Refused(
            f"{source.host} is being polled just now, or asked for a pause; try again later"
        )
    return outcomes[0]


def _claim(
    runtime: Runtime, host: str, owner: str, lasting: timedelta | None = None
) -> HostLease | None:
    fetch = runtime.config.fetch
    lasting = lasting or lease_time(fetch)
    if lasting <= fetch.total:
        raise ValueError(f"a lease of {lasting} ends before a fetch may, after {fetch.total}")
    with runtime.store.writing() as tx:
        return leases.claim(tx, host, owner=owner, now=runtime.clock.now(), lasting=lasting)


def _poll_each(
    runtime: Runtime, lease: HostLease, slugs: Sequence[str], *, only_due: bool
) -> Iterator[PollOutcome]:
    """Poll the sources one by one, all or those that are due still, and give the lease back."""
    gap = runtime.config.fetch.gap
    has_asked = False
    try:
        for slug in slugs:
            if runtime.stopping.is_set():
                break
            if has_asked:
                runtime.clock.sleep(gap.total_seconds())
            polled = list(_poll_one(runtime, lease, slug, only_due=only_due))
            has_asked |= bool(polled)
            yield from polled
            if any(it.http_status == _TOO_MANY for it in polled):
                break  # the others of the host are due still when its pause is over
    except LeaseLost as lost:
        metrics.LEASES_LOST.inc()
        log().warning("lease lost", host=lease.host, reason=str(lost))
    finally:
        with runtime.store.writing() as tx:
            leases.release(tx, lease, not_before=runtime.clock.now() + gap)


def _poll_one(
    runtime: Runtime, lease: HostLease, slug: str, *, only_due: bool
) -> Iterator[PollOutcome]:
    """Poll a source as it stands now, unless config.toml was changed since: moved, paused, left it out."""
    settings = runtime.config.pulled(slug)
    with runtime.store.reading() as tx:
        source = sources.at(tx, slug)
    if not (settings and source) or source.host != lease.host:
        return
    if not only_due or _is_due(source, runtime.clock.now()):
        yield from _poll_with_archives(runtime, lease, source, settings)


def _poll_with_archives(
    runtime: Runtime, lease: HostLease, source: Source, settings: SourceSettings
) -> Iterator[PollOutcome]:
    """Poll a source; then its archive documents with the gap between, while all goes well.

    What is left of them comes after the source's next poll.
    """
    outcome, source = poll_source(runtime, lease, source, settings, source.asked)
    yield outcome
    while source.archive and outcome.result is not PollResult.FAILED:
        if runtime.stopping.is_set():
            return
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        outcome, source = poll_source(runtime, lease, source, settings, source.archive)
        yield outcome


def _is_due(source: Source, now: datetime) -> bool:
    active = source.state is SourceState.ACTIVE
    return active and source.next_at is not None and source.next_at <= now
