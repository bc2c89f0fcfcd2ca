"""Where a source stands after a poll: what it told, how it goes, where it moved, what is left to fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.identity import READER_VERSION
from service.model import PollResult, SourceState, Verdict
from service.politeness import Move, Standing, Wishes, first_rhythm, next_rhythm, sighted, standing
from service.store.sources import host_of
from service.telemetry import log

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, TypeAlias

    from feeds.model import Feed
    from service.fetch import Answer
    from service.ingest.poll import Poll, Reply
    from service.intake import Tally
    from service.model import Source

    Changed: TypeAlias = dict[str, Any]  # of the fields of a source


def after(poll: Poll, reply: Reply, tally: Tally, now: datetime) -> Source:
    """The source after this poll; when it is asked next follows from it."""
    source = poll.source
    if poll.of_archive:
        return _after_archive(poll, reply)
    if reply.result is PollResult.FAILED or reply.answer is None:
        return replace(
            source,
            last_poll=now,
            failures=source.failures + 1,
            failing_since=source.failing_since or now,
            last_error=reply.reason,
            quarantined=reply.quarantined or source.quarantined,
        )
    changed = _answered(source, now) | _validators(source, reply, reply.answer)
    if reply.feed is not None:
        news = tally[Verdict.IMPORTED] + tally[Verdict.WAITING]
        changed |= _told(reply.feed, reply.knowledge.shared)
        changed |= _rhythm(source, reply.feed, news, now) | _archive(poll, reply.feed)
    return replace(source, **changed | _moved(source, reply, reply.answer, now))


def _after_archive(poll: Poll, reply: Reply) -> Source:
    """An archive document that cannot be had is asked for again after the next poll, if that is allowed."""
    source = replace(poll.source, archives_left=poll.source.archives_left - 1)
    following = source.archive
    if reply.feed is not None:
        following = _followed(poll, reply.feed.previous_archive, source.archives_left)
    return replace(source, archive=following if source.archives_left else None)


def _followed(poll: Poll, url: str | None, left: int) -> str | None:
    """The address of an archive document, if it is to be asked for: of the host that is held only."""
    return url if url and left and url != poll.url and host_of(url) == poll.lease.host else None


def _answered(source: Source, now: datetime) -> Changed:
    resumed = SourceState.ACTIVE if source.state is SourceState.STOPPED else source.state
    return {
        "last_poll": now,
        "last_success": now,
        "state": resumed,
        "failures": 0,
        "failing_since": None,
        "last_error": None,
    }


def _validators(source: Source, reply: Reply, answer: Answer) -> Changed:
    """A 200 replaces the validators, also by none; a 304 only those that it carries (POL-03).

    Of a document that was cut none are kept: the rest of its entries is still to come.
    """
    if reply.is_cut:
        return {"etag": None, "last_modified": None, "body_digest": None}
    keeps = reply.result is PollResult.NOT_MODIFIED
    return {
        "etag": answer.etag or (source.etag if keeps else None),
        "last_modified": answer.last_modified or (source.last_modified if keeps else None),
        "validators_url": answer.url,
        "body_digest": reply.body_digest,
        "reader_version": READER_VERSION,
    }


def _told(feed: Feed, shared: tuple[str, ...]) -> Changed:
    """What the document says of itself; `shared` are ids that several of its entries have."""
    wishes = Wishes.of(feed)
    return {
        "feed_title": feed.title,
        "feed_home": feed.link,
        "feed_id": feed.id,
        "quarantined": None,  # a document was read, so it has another now
        "asked_every": wishes.every,
        "skip_hours": wishes.skip_hours,
        "skip_days": wishes.skip_days,
        "shared_ids": shared,
    }


def _rhythm(source: Source, feed: Feed, news: int, now: datetime) -> Changed:
    if not news:
        return {}
    if source.last_new is None:
        dates = [it.published or it.updated for it in feed.entries]
        newest = max((it for it in dates if it and it <= now), default=now)
        return {"rhythm": first_rhythm(dates, now), "last_new": newest}
    since = max(now - source.last_new, type(now - now)())
    return {"rhythm": next_rhythm(source.rhythm, since, news), "last_new": now}


def _archive(poll: Poll, feed: Feed) -> Changed:
    """The first document of a source leads to its archives (RFC 5005 section 4)."""
    most = poll.runtime.config.fetch.archives
    if poll.source.last_success is not None or not most:
        return {}
    return {"archive": _followed(poll, feed.previous_archive, most), "archives_left": most}


def _moved(source: Source, reply: Reply, answer: Answer, now: datetime) -> Changed:
    hops = [(hop.status, hop.url) for hop in answer.hops]
    move = sighted(_move(source), hops, asked=source.asked, known=reply.is_familiar, now=now)
    if move and standing(move, asked=source.asked, now=now) is Standing.HELD:
        log().warning("feed has moved for good", source=source.slug, url=source.url, to=move.to)
        return {"address": move.to, "host": host_of(move.to)} | _sightings(None)
    return _sightings(move)


def _move(source: Source) -> Move | None:
    if source.move_to is None or source.move_since is None:
        return None
    return Move(source.move_to, source.move_since, source.move_sightings, source.move_known)


def _sightings(move: Move | None) -> Changed:
    return {
        "move_to": move.to if move else None,
        "move_since": move.since if move else None,
        "move_sightings": move.sightings if move else 0,
        "move_known": bool(move and move.known),
    }
