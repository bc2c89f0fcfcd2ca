"""What is kept of a poll: its entries, where the source stands now, and how it went."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from service import intake
from service.config import ListSettings
from service.ingest import cutting
from service.ingest.pacing import following
from service.ingest.poll import Ended
from service.ingest.standing import after
from service.intake import Delivery, Tally
from service.model import KEPT_OUT, PollOutcome, PollResult, SourceState, Verdict
from service.politeness import NextPoll
from service.store import leases, polls, sources
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from feeds.model import Feed
    from service.ingest.poll import Poll, Reply
    from service.intake import Portion
    from service.model import Source
    from service.store import Transaction

_CHUNK = 50  # entries a transaction

Item = TypeVar("Item")


class Saving(Struct, frozen=True):
    """What is left to be saved of a poll: its last entries, if it brought any, and how it went."""

    poll: Poll
    reply: Reply
    tally: Tally = field(default_factory=Tally)  # of what is saved already
    portion: Portion | None = None

    @property
    def weight(self) -> int:
        """How many entries are left."""
        return len(self.portion.entries) if self.portion else 0


def unsaved(poll: Poll, reply: Reply) -> Saving:
    """Save the entries in chunks, all but the last: with it go the outcome and where the source stands.

    Raises:
        LeaseLost: Another process polls the host now.
    """
    if reply.feed is None:
        return Saving(poll, reply)
    delivery = _delivery(poll, reply, reply.feed)
    now = poll.runtime.clock.now()
    *firsts, last = (intake.portion(delivery, it, now) for it in _chunks(delivery.compared()))
    tally = Tally()
    for portion in firsts:
        with _held(poll) as (tx, now):
            tally += intake.take(tx, [portion], now=now)[0]
    for left in _chunks(reply.cut[: cutting.MOST]) if reply.cut else ():
        with _held(poll) as (tx, now):
            cutting.keep(tx, poll, left, now)
    return Saving(poll, reply, tally, last)


def save(left: Saving) -> Ended:
    """Save what is left of a poll. What several have to save at about the same time is one transaction.

    Raises:
        LeaseLost: Another process polls the host now.
    """
    return left.poll.runtime.store.together(save_all, left, weight=left.weight)


def save_all(tx: Transaction, found: Sequence[Saving]) -> list[Ended]:
    """Save what is left of these polls, and give back the hosts that are through.

    Raises:
        LeaseLost: Another process polls one of the hosts now.
    """
    now = found[0].poll.runtime.clock.now()
    leases.hold(tx, *(it.poll.lease for it in found), now=now)
    return _record(tx, _taken(tx, found, now), now)


def _taken(tx: Transaction, found: Sequence[Saving], now: datetime) -> list[Saving]:
    """Take in what is left of the entries: all at once, but for what comes with withdrawals or from lists."""
    plain = {
        id(it): it.portion for it in found if it.portion and not it.portion.delivery.feed.tombstones
    }
    tallies = dict(zip(plain, intake.take(tx, list(plain.values()), now=now), strict=True))
    return [
        replace(it, tally=it.tally + tallies[id(it)]) if id(it) in tallies else _alone(tx, it, now)
        for it in found
    ]


def _alone(tx: Transaction, it: Saving, now: datetime) -> Saving:
    if isinstance(it.poll.settings, ListSettings):
        return _turned_over(tx, it, it.poll.settings, now)
    if it.portion is None:
        return it
    (tally,) = intake.take(tx, [it.portion], now=now)
    tally += it.tally + intake.withdraw(tx, it.portion.delivery, now=now)
    return replace(it, tally=tally)


def _turned_over(tx: Transaction, it: Saving, settings: ListSettings, now: datetime) -> Saving:
    """Sources come and go in the same transaction; a list that is as it was may miss some for good."""
    from service import lists  # which most sites have none of

    poll, reply = it.poll, it.reply
    found = lists.Turnover()
    if reply.outlines is not None:
        found = lists.take(tx, poll.runtime, settings, reply.outlines, now)
    elif reply.result is not PollResult.FAILED:
        found = lists.confirm(tx, poll.runtime, settings, now)
    tally = Tally(
        {
            Verdict.IMPORTED: found.came,
            Verdict.WITHDRAWN: found.went,
            Verdict.UNCHANGED: found.stayed,
        }
    )
    told = "; ".join(filter(None, (reply.reason, *found.remarks)))
    return replace(it, reply=replace(reply, reason=told), tally=tally)


@contextmanager
def _held(poll: Poll) -> Iterator[tuple[Transaction, datetime]]:
    """A writing transaction that goes through only while the lease is ours."""
    with poll.runtime.store.writing() as tx:
        now = poll.runtime.clock.now()
        leases.hold(tx, poll.lease, now=now)
        yield tx, now


def _delivery(poll: Poll, reply: Reply, feed: Feed) -> Delivery:
    return Delivery(
        source=poll.source.id,
        poll=poll.id,
        settings=poll.settings,
        config=poll.runtime.config,
        feed=feed,
        known=reply.knowledge.known,
        shared=reply.knowledge.shared,
        renamed=reply.knowledge.renamed,
        held=reply.knowledge.held,
    )


def _chunks(found: Sequence[Item]) -> list[Sequence[Item]]:
    return [found[at : at + _CHUNK] for at in range(0, max(len(found), 1), _CHUNK)]


def _record(tx: Transaction, found: Sequence[Saving], now: datetime) -> list[Ended]:
    """Write down where the sources stand now and how the polls went; give back hosts that are through."""
    ended = [_ended(tx, it, now) for it in found]
    sources.record(tx, *(it.source for it in ended))
    for saved, it in zip(found, ended, strict=True):
        if it.source.address != saved.poll.source.address:
            sources.move(tx, it.source)
    polls.finish(tx, *(it.outcome for it in ended))
    released = [one.poll for one, it in zip(found, ended, strict=True) if it.is_released]
    if released:
        free = now + released[0].runtime.config.fetch.gap
        leases.release(tx, *(it.lease for it in released), not_before=free)
    return ended


def _ended(tx: Transaction, it: Saving, now: datetime) -> Ended:
    """Where the source stands now, how the poll went, and what the whole host is to be spared."""
    poll, reply = it.poll, it.reply
    stands = after(poll, reply, it.tally, now)
    next_ = _next(poll, reply, stands, now)
    stands = replace(
        stands,
        next_at=next_.at,
        state=SourceState.STOPPED if next_.stopped else stands.state,
        last_error=next_.reason if next_.stopped else stands.last_error,
    )
    if next_.pauses_host and poll.lease.host not in poll.runtime.config.fetch.shared_hosts:
        leases.pause(tx, poll.lease, until=next_.at)
    for alarm in next_.alarms:
        log().warning("a wish for rare polls is cut down", source=stands.slug, reason=alarm)
    outcome = _outcome(poll, reply, it.tally, stands, next_)
    goes_on = stands.archive is not None and outcome.result is not PollResult.FAILED
    return Ended(outcome, stands, is_released=poll.is_last and not goes_on)


def _next(poll: Poll, reply: Reply, stands: Source, now: datetime) -> NextPoll:
    """An archive document moves no poll of the feed, unless its server wants to be left in peace."""
    found = following(stands, poll.settings, poll.runtime.config.fetch, now, reply.answer)
    due = poll.source.next_at
    if not poll.of_archive or due is None or found.pauses_host:
        return found
    return NextPoll(due, "as after the feed itself, of which this is an archive")


def _outcome(
    poll: Poll, reply: Reply, tally: Tally, stands: Source, next_: NextPoll
) -> PollOutcome:
    answer = reply.answer
    was_conditional = answer is not None and answer.conditional
    return PollOutcome(
        id=poll.id,
        source=poll.source.slug,
        at=poll.started,
        url=answer.url if answer else poll.url,
        result=_result(reply, tally),
        reason="; ".join(filter(None, (reply.reason, _news(poll.source, stands)))),
        http_status=answer.status if answer else None,
        etag_sent=poll.source.etag if was_conditional else None,
        last_modified_sent=poll.source.last_modified if was_conditional else None,
        bytes=answer.wire_bytes if answer else 0,
        milliseconds=answer.milliseconds if answer else reply.milliseconds,
        imported=tally[Verdict.IMPORTED] + tally[Verdict.MERGED],
        edited=tally[Verdict.EDITED],
        unchanged=tally[Verdict.UNCHANGED] + (len(reply.feed.unchanged) if reply.feed else 0),
        refused=sum(tally[it] for it in KEPT_OUT),
        withdrawn=tally[Verdict.WITHDRAWN],
        waiting=tally[Verdict.WAITING],
        next_at=next_.at,
        next_reason=next_.reason,
    )


def _news(before: Source, stands: Source) -> str:
    """What this poll has changed about where the source is asked."""
    if stands.address != before.address:
        return f"moved for good: {stands.address} is asked from now on"
    if stands.move_to and stands.move_to != before.move_to:
        return f"redirected for good to {stands.move_to}, which is taken over once that has held"
    return ""


def _result(reply: Reply, tally: Tally) -> PollResult:
    """New content only where something came of it."""
    nothing = not any(
        number for verdict, number in tally.items() if verdict is not Verdict.UNCHANGED
    )
    if reply.result is PollResult.NEW_CONTENT and nothing:
        return PollResult.UNCHANGED
    return reply.result
