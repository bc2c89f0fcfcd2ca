"""Before anybody is asked: hosts are claimed, and it is stored when each source is polled next (POL-08).

What several threads begin at about the same time is written in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from service.ingest.pacing import following
from service.ingest.poll import Poll
from service.store import leases, polls, sources
from service.store.polls import Beginning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from typing import TypeAlias

    from service.config import SourceSettings
    from service.model import HostLease, Source
    from service.runtime import Runtime
    from service.store import Transaction

    Polled: TypeAlias = list[tuple[Source, SourceSettings]]


class Wish(Struct, frozen=True):
    """A host that somebody wants to poll."""

    runtime: Runtime
    host: str
    owner: str
    lasting: timedelta  # of the lease
    only_due: bool
    slug: str | None = None  # of the only source that is wanted, due or not, paused or not

    def __post_init__(self) -> None:
        total = self.runtime.config.fetch.total
        if self.lasting <= total:
            raise ValueError(f"a lease of {self.lasting} ends before a fetch may, after {total}")


class Visit(Struct, frozen=True):
    """A host that is held, and the first of its polls, which has begun."""

    lease: HostLease
    poll: Poll
    left: tuple[str, ...]  # slugs of the sources that come after it
    only_due: bool  # no other sources are wanted

    @property
    def host(self) -> str:
        """The name of the host."""
        return self.lease.host


class Next(Struct, frozen=True):
    """A poll that is to begin while its host is held."""

    runtime: Runtime
    lease: HostLease
    source: Source
    settings: SourceSettings
    url: str  # the source's own, or that of its next archive document
    is_last: bool  # no other source of the host is polled after it


def visit(wish: Wish) -> Visit | None:
    """Claim a host and begin its first poll; None where it is not free or has nothing to poll."""
    return wish.runtime.store.together(visit_all, wish)


def begin(it: Next) -> Poll:
    """Begin another poll of a host that is held.

    Raises:
        LeaseLost: Another process polls the host now.
    """
    return it.runtime.store.together(_hold_and_begin_all, it)


def visit_all(tx: Transaction, wishes: Sequence[Wish]) -> list[Visit | None]:
    """Claim these hosts, and begin the first poll of each; one that several ask for is given to the first."""
    if not wishes:
        return []
    held_from = wishes[0].runtime.clock.monotonic()
    firsts = {it.host: it for it in reversed(wishes)}
    claimed = _claimed(tx, list(firsts.values()))
    found = _wanted(tx, [it for it in firsts.values() if it.host in claimed])
    nexts = [
        Next(firsts[host].runtime, claimed[host], source, settings, source.asked, not left)
        for host, ((source, settings), *left) in found.items()
    ]
    begun = {it.lease.host: it for it in _begin_all(tx, nexts, held_from)}
    idle = [lease for host, lease in claimed.items() if host not in begun]
    leases.release(tx, *idle, not_before=_now(wishes))
    visits = {
        host: Visit(
            poll.lease, poll, tuple(it.slug for it, _ in found[host][1:]), firsts[host].only_due
        )
        for host, poll in begun.items()
    }
    return [visits.pop(it.host, None) for it in wishes]


def _claimed(tx: Transaction, wishes: Sequence[Wish]) -> dict[str, HostLease]:
    alike: defaultdict[tuple[str, timedelta], list[str]] = defaultdict(list)
    for it in wishes:
        alike[it.owner, it.lasting].append(it.host)
    now = _now(wishes)
    found: dict[str, HostLease] = {}
    for (owner, lasting), hosts in alike.items():
        found |= leases.claim_all(tx, hosts, owner=owner, now=now, lasting=lasting)
    return found


def _wanted(tx: Transaction, wishes: Sequence[Wish]) -> dict[str, Polled]:
    """What is to be polled of each host, if anything, as far as config.toml and its lists have it still."""
    found: dict[str, list[Source]] = {}
    for only_due in (True, False):
        hosts = [it.host for it in wishes if it.slug is None and it.only_due is only_due]
        if hosts:
            found |= sources.due(tx, hosts, _now(wishes), only_due=only_due)
    for it in wishes:
        if it.slug is not None:
            named = sources.at(tx, it.slug)
            found[it.host] = [named] if named and named.host == it.host else []
    polled = {
        it.host: [
            (source, settings)
            for source in found[it.host]
            if (settings := it.runtime.config.pulled(source.slug))
        ]
        for it in wishes
    }
    return {host: some for host, some in polled.items() if some}


def _hold_and_begin_all(tx: Transaction, found: Sequence[Next]) -> list[Poll]:
    clock = found[0].runtime.clock
    held_from = clock.monotonic()
    leases.hold(tx, *(it.lease for it in found), now=clock.now())
    return _begin_all(tx, found, held_from)


def _begin_all(tx: Transaction, found: Sequence[Next], held_from: float) -> list[Poll]:
    """Begin polls of hosts whose leases this transaction has claimed or renewed, not before `held_from`."""
    if not found:
        return []
    started = found[0].runtime.clock.now()
    ids = polls.begin(
        tx, [Beginning(it.lease, it.source, it.url, started, _due(it, started)) for it in found]
    )
    return [
        Poll(
            it.runtime,
            it.lease,
            it.source,
            it.settings,
            it.url,
            started,
            held_from,
            row_id,
            is_last=it.is_last,
        )
        for it, row_id in zip(found, ids, strict=True)
    ]


def _due(it: Next, started: datetime) -> datetime:
    """When the source is polled next if nothing is heard of this poll any more."""
    if it.url == it.source.archive and it.source.next_at:
        return it.source.next_at
    return following(it.source, it.settings, it.runtime.config.fetch, started).at


def _now(wishes: Sequence[Wish]) -> datetime:
    return wishes[0].runtime.clock.now()
