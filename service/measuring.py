"""The lengths of enclosures that nobody has told, asked of their servers in the background.

RSS 2.0 demands them.

One of a host at a time, with the gap between, and never while it is polled: the host's lease is the same. No
robots.txt is asked: the publisher has named the file to be fetched.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from service.errors import FetchError, LeaseLost
from service.politeness.wishes import LONGEST, retry_after
from service.store import changelog, leases, lengths, parts, sources
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from service.fetch import Answer
    from service.model import HostLease
    from service.runtime import Runtime
    from service.store.lengths import Unknown

_HOSTS = 20  # asked at a look, one after the other
_AGAIN = (
    timedelta(hours=1),
    timedelta(days=1),
)  # after the first and the second failure; then never
_MARGIN = timedelta(minutes=1)  # between the end of what is asked and that of the lease
_QUIET = timedelta(hours=1)  # after a 429 that does not say how long
_TOO_MANY, _UNAVAILABLE, _NOT_IMPLEMENTED = 429, 503, 501
_GONE = frozenset({401, 404, 410})
_OK, _PARTIAL = 200, 206
_WHOLE = re.compile(r"bytes 0-[0-9]+/([0-9]{1,15})")
_BYTES = re.compile(r"[0-9]{1,15}")


def measure_due(runtime: Runtime, *, owner: str) -> None:
    """Ask each host for one length that is missing."""
    with runtime.store.reading() as tx:
        due = lengths.due(tx, runtime.clock.now(), limit=_HOSTS)
    for it in due:
        if runtime.stopping.is_set():
            break
        if lease := _begin(runtime, it, owner):
            _measure(runtime, it, lease)


def _begin(runtime: Runtime, it: Unknown, owner: str) -> HostLease | None:
    """Claim the host, and note beforehand that it is asked: a process that dies asks it no sooner."""
    fetch, now = runtime.config.fetch, runtime.clock.now()
    lasting = 2 * fetch.total + 2 * fetch.gap + _MARGIN
    with runtime.store.writing() as tx:
        sources.open_hosts(tx, {it.host})
        lease = leases.claim(tx, it.host, owner=owner, now=now, lasting=lasting)
        if lease and not lengths.begin(tx, it, now, _AGAIN):
            leases.release(tx, lease, not_before=now)
            return None
    return lease


def _measure(runtime: Runtime, it: Unknown, lease: HostLease) -> None:
    pause = runtime.config.fetch.gap
    length, is_settled = None, False
    try:
        answer = _asked(runtime, it.url)
        length, is_settled = _told(answer), not _is_passing(answer.status)
        pause = max(pause, _pause(answer, runtime.clock.now()))
    except FetchError as error:
        log().info("the length of an enclosure was not to be had", host=it.host, reason=str(error))
    try:
        with runtime.store.writing() as tx:
            now = runtime.clock.now()
            leases.hold(tx, lease, now=now)
            if is_settled:
                touched = parts.scopes(tx, lengths.settle(tx, it, length)).values()
                changelog.append(tx, frozenset[str]().union(*touched), now)
            leases.release(tx, lease, not_before=now + pause)
    except LeaseLost as lost:
        log().warning("lease lost", host=it.host, reason=str(lost))


def _asked(runtime: Runtime, url: str) -> Answer:
    """By HEAD; where that tells nothing, by GET for the first byte."""
    answer = runtime.fetcher.head(url)
    if _told(answer) is None and not _is_passing(answer.status) and answer.status not in _GONE:
        runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
        answer = runtime.fetcher.head(url, ranged=True)
    return answer


def _told(answer: Answer) -> int | None:
    """The length that an answer tells (RFC 9110 sections 8.6 and 14.4); that of a coding is another."""
    headers: Mapping[str, str] = answer.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return None
    found = None
    if answer.status == _PARTIAL:
        found = _WHOLE.fullmatch(headers.get("Content-Range", ""))
    elif answer.status == _OK:
        found = _BYTES.fullmatch(headers.get("Content-Length", ""))
    return int(found[found.lastindex or 0]) or None if found else None


def _is_passing(status: int) -> bool:
    """Whether it may be otherwise later."""
    return status == _TOO_MANY or (status >= 500 and status != _NOT_IMPLEMENTED)


def _pause(answer: Answer, now: datetime) -> timedelta:
    """How long the host wants to be left alone."""
    if answer.status not in (_TOO_MANY, _UNAVAILABLE):
        return timedelta()
    quiet = _QUIET if answer.status == _TOO_MANY else timedelta()
    return min(retry_after(answer.headers, now) or quiet, LONGEST)
