"""What a poll does over the network, and what the answer says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.errors import FeedError
from feeds.identity import READER_VERSION
from service.config import ListSettings
from service.errors import FetchError, Unreadable
from service.ingest.knowing import know
from service.ingest.poll import Poll, Reply
from service.model import PollResult
from service.store import entries
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from service.fetch import Answer

_OK = 200
_IM_USED = 226  # RFC 3229: only what is new


def ask(poll: Poll) -> Reply:
    """Ask the source, and read what it says unless that is known."""
    source = poll.source
    current = source.reader_version == READER_VERSION  # else one unconditional fetch (POL-04)
    conditional = current and not poll.of_archive
    clock = poll.runtime.clock
    began = clock.monotonic()
    try:
        answer = poll.runtime.fetcher.get(
            poll.url,
            etag=source.etag if conditional else None,
            last_modified=source.last_modified if conditional else None,
            validators_url=source.validators_url,
            subscribers=_subscribers(poll),
            started=poll.held_from,
        )
    except FetchError as error:
        took = round((clock.monotonic() - began) * 1000)
        return Reply(PollResult.FAILED, str(error), milliseconds=took)
    if answer.not_modified and conditional:
        return Reply(PollResult.NOT_MODIFIED, answer=answer, body_digest=source.body_digest)
    if answer.status not in _readable(poll, answer):
        return Reply(PollResult.FAILED, f"the server answered {answer.status}", answer)
    digest = hashlib.sha256(answer.body).hexdigest()
    if conditional and digest == source.body_digest:
        return Reply(PollResult.UNCHANGED, "the same bytes as before", answer, digest)
    if source.quarantined == _mark(digest):
        return Reply(PollResult.FAILED, "the same bytes as before, which cannot be read", answer)
    reads = _read_list if isinstance(poll.settings, ListSettings) else _read
    return reads(poll, answer, digest)


def _subscribers(poll: Poll) -> int | None:
    """How many read what we republish of the source, where readers are counted (POL-14)."""
    held = poll.runtime
    if not held.config.server.statistics:
        return None
    return held.reach.of(poll.source.slug, held.store, poll.started)


def _readable(poll: Poll, answer: Answer) -> frozenset[int]:
    """The statuses whose body is a document: 226 only where only what is new was asked for.

    A part of a list is none, as what it does not name would be taken for gone.
    """
    in_parts = answer.conditional and not isinstance(poll.settings, ListSettings)
    return frozenset({_OK, _IM_USED} if in_parts else {_OK})


def _read_list(poll: Poll, answer: Answer, digest: str) -> Reply:
    """A list that names no feed is a failure as well: it would take all its sources away."""
    from service import lists  # which most sites have none of

    try:
        outlines = poll.runtime.parser.read_list(answer.body)
    except FeedError as error:
        return Reply(PollResult.FAILED, f"the list cannot be read: {error}", answer)
    except Unreadable as error:
        metrics.PARSES_KILLED.inc()
        log().error("list quarantined", list=poll.source.slug, reason=str(error))
        return Reply(PollResult.FAILED, str(error), answer, quarantined=_mark(digest))
    if not lists.names_feeds(outlines):
        return Reply(PollResult.FAILED, "the list names no feed", answer)
    return Reply(PollResult.NEW_CONTENT, "", answer, digest, outlines=outlines)


def _read(poll: Poll, answer: Answer, digest: str) -> Reply:
    most = poll.runtime.config.fetch.items
    with poll.runtime.store.reading() as tx:
        familiar = entries.raw_digests(tx, poll.source.id, limit=2 * most)
    try:
        with metrics.PARSE_SECONDS.time():
            feed = poll.runtime.parser.read(
                answer.body,
                url=answer.url,
                content_type=answer.headers.get("Content-Type"),
                known=familiar,
                spared=poll.settings.beacons,
            )
    except FeedError as error:
        return Reply(PollResult.FAILED, str(error), answer)
    except Unreadable as error:
        metrics.PARSES_KILLED.inc()
        log().error("document quarantined", source=poll.source.slug, reason=str(error))
        return Reply(PollResult.FAILED, str(error), answer, quarantined=_mark(digest))
    problems = list(feed.problems)
    cut = feed.entries[most:]
    is_cut = bool(cut)
    if cut:
        problems.append(f"{len(cut)} entries beyond [fetch] items wait for the next poll")
        feed = replace(feed, entries=feed.entries[:most])
    is_all = not (is_cut or feed.truncated) and answer.status == _OK
    knowledge = know(poll, feed, is_all=is_all, is_familiar=bool(familiar))
    if knowledge.held:
        problems.append(f"{len(knowledge.held)} more entries with new ids wait for the next poll")
        is_cut = True
    if news := set(knowledge.shared) - set(poll.source.shared_ids):
        problems.append(f"several entries have one id, so their links count: {', '.join(news)}")
        log().warning("several entries have one id", source=poll.source.slug, ids=sorted(news))
    reason = "; ".join(problems)
    return Reply(PollResult.NEW_CONTENT, reason, answer, digest, feed, knowledge, is_cut, cut=cut)


def _mark(digest: str) -> str:
    """What a body is known by that is not read again, unless by other readers than this release's."""
    return f"{READER_VERSION}:{digest}"
