"""When to ask again: the longest of all waits that somebody asks for, and a little more."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from service.politeness import wishes as asked_by
from service.politeness.wishes import LONGEST, Wait, Wishes, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from service.politeness.pace import Pace

JITTER = 0.1  # most of a wait that is added to it
_TOO_MANY = 429
_QUIET = timedelta(hours=4)  # after a 429 that does not say how long
_SHARE_OF_FAILING = 6  # the pause is that part of the time for which polls have failed
_SPREAD = timedelta(minutes=30)  # over which polls begin when skipped hours end
_STOPS = {
    401: "the server wants a login (401): stopped until somebody looks into it",
    410: "the server says that the feed is gone for good (410): stopped",
}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class NextPoll(Struct, frozen=True):
    """When to ask next and why then; a stopped source is not asked again by itself."""

    at: datetime
    reason: str
    stopped: bool = False
    pauses_host: bool = False  # nothing else of the host is to be asked before that, either
    alarms: tuple[str, ...] = ()  # wishes beyond all measure, for the operator


def next_poll(
    now: datetime,
    *,
    slug: str,
    pace: Pace,
    wishes: Wishes = Wishes(),  # noqa: B008  (it is frozen)
    failing: timedelta | None = None,
    status: int | None = None,
    headers: Mapping[str, str] = _NO_HEADERS,
) -> NextPoll:
    """When to ask the source `slug` again.

    `failing` is for how long polls have failed, zero at the first failure, and None when the last one did
    not; `status` and `headers` are of its answer, if there was one; `wishes` are of the feed itself. The
    wait is the longest of all, and up to a tenth more, which depends on `slug` only; then the hours and days
    that the feed wants skipped pass.
    """
    usual = pace.usual()
    waits = [usual, *asked_by.of_server(headers, now), *_of_feed(wishes)]
    if failing is not None and asked_by.retry_after(headers, now) is None:
        waits.append(_back_off(usual.lasting, failing, status))
    longest = max(waits, key=lambda it: it.lasting)
    share = _share(slug)
    at = now + longest.lasting * (1 + JITTER * share)
    alarms = tuple(it.alarm for it in waits if it.alarm)
    if status in _STOPS:
        return NextPoll(at, _STOPS[status], stopped=True, alarms=alarms)
    welcome = wishes.welcome(at)
    reason = longest.reason
    if welcome > at:
        welcome += _SPREAD * share
        reason += "; then the feed asks to skip some hours or days"
    return NextPoll(welcome, reason, pauses_host=status == _TOO_MANY, alarms=alarms)


def _of_feed(wishes: Wishes) -> Iterator[Wait]:
    if wishes.every is not None:
        yield asked_by.bounded(wishes.every, "feed (ttl)")


def _back_off(usual: timedelta, failing: timedelta, status: int | None) -> Wait:
    """Grows with the time for which polls have failed: each pause is a sixth longer than that before."""
    least = max(usual, _QUIET) if status == _TOO_MANY else usual
    wait = min(max(least, failing / _SHARE_OF_FAILING), max(usual, LONGEST))
    if status == _TOO_MANY:
        return Wait(wait, f"{told(wait)} of pause because the server is asked too often (429)")
    since = f"polls have failed for {told(failing)}" if failing else "a poll failed"
    return Wait(wait, f"{told(wait)} of pause because {since}")


def _share(slug: str) -> float:
    """A number from 0 to 1 that is always the same for the slug."""
    return int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4]) / 2**32
