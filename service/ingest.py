"""Polling: a host is claimed, its due sources are asked one by one, and each answer is written down.

No transaction is open while the network is asked. Validators and the outcome are stored with the last
chunk of entries, so a crash in between only repeats work.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feeds.errors import FeedError
from feeds.identity import READER_VERSION
from service import intake, politeness
from service.errors import FetchError, LeaseLost, NotFound, Refused
from service.intake import Delivery, Tally
from service.model import PollOutcome, PollResult, SourceState, Verdict
from service.store import entries, polls, sources
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from feeds.changes import Compared
    from feeds.model import Feed
    from service.config import SourceSettings
    from service.fetch import Answer
    from service.model import HostLease, Source
    from service.politeness import NextPoll
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.entries import KnownEntry

_LEASE = timedelta(minutes=2)
_CHUNK = 50  # entries a transaction
_OK = 200


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll under way: who asks, of whom, and under which lease."""

    runtime: Runtime
    lease: HostLease
    source: Source
    settings: SourceSettings
    started: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a poll brought, before any of it is saved."""

    result: PollResult
    reason: str = ""
    answer: Answer | None = None
    body_digest: str | None = None
    feed: Feed | None = None
    known: dict[str, KnownEntry] = field(default_factory=dict)  # the source's entries, by key
    is_cut: bool = False  # entries beyond the limit were left for the next poll


def poll_due(runtime: Runtime, *, owner: str) -> list[PollOutcome]:
    """Poll every host that is due, one after the other."""
    with runtime.store.reading() as tx:
        hosts = sources.due_hosts(tx, runtime.clock.now(), limit=len(runtime.config.sources))
    return [outcome for host in hosts for outcome in poll_host(runtime, host, owner=owner)]


def poll_host(runtime: Runtime, host: str, *, owner: str) -> list[PollOutcome]:
    """Poll the due sources of a host one by one, with the gap between, if nobody else does."""
    lease = _claim(runtime, host, owner)
    if lease is None:
        return []
    with runtime.store.reading() as tx:
        due = [it.slug for it in sources.due(tx, host, runtime.clock.now())]
    return _poll_each(runtime, lease, due)


def poll_named(runtime: Runtime, slug: str, *, owner: str) -> PollOutcome:
    """Poll one source now, due or not, paused or not.

    Raises:
        NotFound: config.toml names no such source.
        Refused: Another process talks to its host just now.
    """
    with runtime.store.reading() as tx:
        source = sources.at(tx, slug)
    if source is None or runtime.config.source(slug) is None:
        raise NotFound(f"config.toml names no source {slug!r}")
    lease = _claim(runtime, source.host, owner)
    if lease is None:  # perhaps it was asked just now: wait for the gap
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        lease = _claim(runtime, source.host, owner)
    outcomes = _poll_each(runtime, lease, [slug]) if lease else []
    if not outcomes:
        raise Refused(
            f"{source.host} is being polled just now, or asked for a pause; try again later"
        )
    return outcomes[0]


def _claim(runtime: Runtime, host: str, owner: str) -> HostLease | None:
    with runtime.store.writing() as tx:
        return sources.claim(tx, host, owner=owner, now=runtime.clock.now(), lasting=_LEASE)


def _poll_each(runtime: Runtime, lease: HostLease, slugs: Sequence[str]) -> list[PollOutcome]:
    gap = runtime.config.fetch.gap
    outcomes: list[PollOutcome] = []
    try:
        for slug in slugs:
            if runtime.stopping.is_set():
                break
            if outcomes:
                runtime.clock.sleep(gap.total_seconds())
            outcomes += _poll_one(runtime, lease, slug)
    except LeaseLost as lost:
        log().warning("lease lost", host=lease.host, reason=str(lost))
    finally:
        with runtime.store.writing() as tx:
            sources.release(tx, lease, not_before=runtime.clock.now() + gap)
    return outcomes


def _poll_one(runtime: Runtime, lease: HostLease, slug: str) -> Iterator[PollOutcome]:
    """Poll a source as it stands now that its host is ours."""
    settings = runtime.config.source(slug)
    with runtime.store.reading() as tx:
        source = sources.at(tx, slug)
    if settings and source:  # else config.toml was changed since
        yield poll_source(runtime, lease, source, settings)


def poll_source(
    runtime: Runtime, lease: HostLease, source: Source, settings: SourceSettings
) -> PollOutcome:
    """Ask a source once, take in what is new, and write down how it went.

    Raises:
        LeaseLost: Another process polls the host now; what this poll had not yet saved is dropped.
    """
    poll = _begin(runtime, lease, source, settings)
    try:
        outcome = _save(poll, _ask(poll))
    except LeaseLost:
        raise
    except Exception as error:  # whatever it was, it is this source's failure and nobody else's
        log().exception("poll broke", source=source.slug)
        outcome = _save(poll, Reply(PollResult.FAILED, f"an error of ours: {error}"))
    log().info(
        "poll ended",
        source=source.slug,
        result=outcome.result.value,
        status=outcome.http_status,
        imported=outcome.imported,
        edited=outcome.edited,
        withdrawn=outcome.withdrawn,
        reason=outcome.reason,
        next_at=outcome.next_at.isoformat(timespec="seconds"),
    )
    return outcome


def _begin(runtime: Runtime, lease: HostLease, source: Source, settings: SourceSettings) -> Poll:
    """Store when the next poll is due before anything is asked, so no crash polls early (POL-08)."""
    started = runtime.clock.now()
    with runtime.store.writing() as tx:
        sources.hold(tx, lease, now=started, lasting=_LEASE)
        following = politeness.next_poll(started, slug=source.slug, interval=settings.interval)
        row_id = polls.begin(tx, lease, source, at=started, next_at=following.at)
    return Poll(runtime, lease, source, settings, started, row_id)


def _ask(poll: Poll) -> Reply:
    source = poll.source
    current = source.reader_version == READER_VERSION  # else one unconditional fetch (POL-04)
    try:
        answer = poll.runtime.fetcher.get(
            source.url,
            etag=source.etag if current else None,
            last_modified=source.last_modified if current else None,
            validators_url=source.validators_url,
        )
    except FetchError as error:
        return Reply(PollResult.FAILED, str(error))
    if answer.not_modified:
        return Reply(PollResult.NOT_MODIFIED, answer=answer, body_digest=source.body_digest)
    if answer.status != _OK:
        return Reply(PollResult.FAILED, f"the server answered {answer.status}", answer)
    digest = hashlib.sha256(answer.body).hexdigest()
    if current and digest == source.body_digest:
        return Reply(PollResult.UNCHANGED, "the same bytes as before", answer, digest)
    return _read(poll, answer, digest)


def _read(poll: Poll, answer: Answer, digest: str) -> Reply:
    with poll.runtime.store.reading() as tx:
        known = {it.key: it for it in entries.known(tx, poll.source.id)}
    try:
        feed = poll.runtime.parser.read(
            answer.body,
            url=answer.url,
            content_type=answer.headers.get("Content-Type"),
            known=frozenset(it.raw_digest for it in known.values()),
        )
    except FeedError as error:
        return Reply(PollResult.FAILED, str(error), answer)
    most, problems = poll.runtime.config.fetch.items, list(feed.problems)
    is_cut = len(feed.entries) > most
    if is_cut:
        problems.append(
            f"{len(feed.entries) - most} entries beyond [fetch] items wait for the next poll"
        )
        feed = replace(feed, entries=feed.entries[:most])
    reason = "; ".join(problems)
    return Reply(PollResult.NEW_CONTENT, reason, answer, digest, feed, known, is_cut)


def _save(poll: Poll, reply: Reply) -> PollOutcome:
    """Save the entries in chunks; the outcome goes with the last."""
    if reply.feed is None:
        with _held(poll) as (tx, now):
            return _record(tx, poll, reply, Tally(), now)
    delivery = _delivery(poll, reply, reply.feed)
    *firsts, last = _chunks(delivery.compared())
    tally = Tally()
    for chunk in firsts:
        with _held(poll) as (tx, now):
            tally += intake.take(tx, delivery, chunk, now=now)
    with _held(poll) as (tx, now):
        tally += intake.take(tx, delivery, last, now=now)
        tally += intake.withdraw(tx, delivery, now=now)
        return _record(tx, poll, reply, tally, now)


@contextmanager
def _held(poll: Poll) -> Iterator[tuple[Transaction, datetime]]:
    """A writing transaction that goes through only while the lease is ours."""
    with poll.runtime.store.writing() as tx:
        now = poll.runtime.clock.now()
        sources.hold(tx, poll.lease, now=now, lasting=_LEASE)
        yield tx, now


def _delivery(poll: Poll, reply: Reply, feed: Feed) -> Delivery:
    return Delivery(
        source=poll.source.id,
        poll=poll.id,
        settings=poll.settings,
        config=poll.runtime.config,
        feed=feed,
        known=reply.known,
    )


def _chunks(compared: Sequence[Compared]) -> list[Sequence[Compared]]:
    return [compared[at : at + _CHUNK] for at in range(0, max(len(compared), 1), _CHUNK)]


def _record(tx: Transaction, poll: Poll, reply: Reply, tally: Tally, now: datetime) -> PollOutcome:
    """Write down where the source stands now, and how the poll went."""
    following = _following(poll, reply, now)
    sources.record(tx, _after(poll.source, reply, following, now))
    outcome = _outcome(poll, reply, tally, following, now)
    polls.finish(tx, poll.id, outcome)
    return outcome


def _following(poll: Poll, reply: Reply, now: datetime) -> NextPoll:
    failed = reply.result is PollResult.FAILED
    answer, ttl = reply.answer, reply.feed.ttl if reply.feed else None
    return politeness.next_poll(
        now,
        slug=poll.source.slug,
        interval=poll.settings.interval,
        failures=poll.source.failures + 1 if failed else 0,
        status=answer.status if answer else None,
        headers=answer.headers if answer else {},
        ttl=timedelta(minutes=ttl) if ttl else None,
    )


def _after(source: Source, reply: Reply, following: NextPoll, now: datetime) -> Source:
    asked = replace(
        source,
        next_at=following.at,
        last_poll=now,
        state=SourceState.STOPPED if following.stopped else source.state,
    )
    if reply.result is PollResult.FAILED or reply.answer is None:
        told = following.reason if following.stopped else reply.reason
        return replace(asked, failures=source.failures + 1, last_error=told)
    resumed = SourceState.ACTIVE if source.state is SourceState.STOPPED else source.state
    answered = replace(asked, state=resumed, failures=0, last_success=now, last_error=None)
    return _with_feed(_with_validators(answered, reply, reply.answer), reply.feed)


def _with_validators(source: Source, reply: Reply, answer: Answer) -> Source:
    """A 200 replaces the validators, also by none; a 304 only those that it carries (POL-03).

    Of a document that was cut none are kept: the rest of its entries is still to come.
    """
    if reply.is_cut:
        return replace(source, etag=None, last_modified=None, body_digest=None)
    keeps = reply.result is PollResult.NOT_MODIFIED
    return replace(
        source,
        etag=answer.etag or (source.etag if keeps else None),
        last_modified=answer.last_modified or (source.last_modified if keeps else None),
        validators_url=answer.url,
        body_digest=reply.body_digest,
        reader_version=READER_VERSION,
    )


def _with_feed(source: Source, feed: Feed | None) -> Source:
    if feed is None:
        return source
    return replace(source, feed_title=feed.title, feed_home=feed.link, feed_id=feed.id)


def _outcome(
    poll: Poll, reply: Reply, tally: Tally, following: NextPoll, now: datetime
) -> PollOutcome:
    answer = reply.answer
    skipped = len(reply.feed.unchanged) if reply.feed else 0
    return PollOutcome(
        id=poll.id,
        source=poll.source.slug,
        at=poll.started,
        url=answer.url if answer else poll.source.url,
        result=_result(reply, tally),
        reason=reply.reason,
        http_status=answer.status if answer else None,
        etag_sent=poll.source.etag,
        last_modified_sent=poll.source.last_modified,
        bytes=answer.wire_bytes if answer else 0,
        milliseconds=answer.milliseconds if answer else 0,
        imported=tally[Verdict.IMPORTED],
        edited=tally[Verdict.EDITED],
        unchanged=tally[Verdict.UNCHANGED] + skipped,
        refused=tally[Verdict.REFUSED],
        withdrawn=tally[Verdict.WITHDRAWN],
        next_at=following.at,
        next_reason=following.reason,
    )


def _result(reply: Reply, tally: Tally) -> PollResult:
    """New content only where something came of it."""
    nothing = not any(
        number for verdict, number in tally.items() if verdict is not Verdict.UNCHANGED
    )
    if reply.result is PollResult.NEW_CONTENT and nothing:
        return PollResult.UNCHANGED
    return reply.result
