"""Pure: when a source may be asked again, and the reason in words for its operator.

RFC 9110 section 10.2.3 (Retry-After), RFC 9111 sections 5.2.2.1 (max-age) and 5.3 (Expires).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from service.config import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = timedelta(days=1)  # that failures, servers and feeds can make us wait
JITTER = 0.1  # most of a wait that is added to it
_DOUBLINGS = 6
_STOPS = {
    401: "the server wants a login (401): stopped until somebody looks into it",
    410: "the server says that the feed is gone for good (410): stopped",
}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_COUNTED_DIGITS = 9  # the seconds that these can say go far beyond LONGEST


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When to ask next and why then; a stopped source is not asked again by itself."""

    at: datetime
    reason: str
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class _Wait:
    lasting: timedelta
    reason: str


def next_poll(
    now: datetime,
    *,
    slug: str,
    interval: timedelta,
    failures: int = 0,
    status: int | None = None,
    headers: Mapping[str, str] = _NO_HEADERS,
    ttl: timedelta | None = None,
) -> NextPoll:
    """When to ask the source `slug` again.

    `failures` is how many polls in a row have failed, the last one included; `status` and `headers` are
    of its answer, if there was one; `ttl` is the time between polls that the feed itself asks for. The
    wait is the longest of all that are asked for, and up to a tenth more, which depends on `slug` only.
    """
    waits = [
        _Wait(interval, f"every {duration_text(interval)} as configured"),
        *_asked_for(headers, ttl, now),
    ]
    if failures and _retry_after(headers, now) is None:
        waits.append(_back_off(interval, failures))
    longest = max(waits, key=lambda it: it.lasting)
    at = now + longest.lasting * (1 + JITTER * _share(slug))
    if status in _STOPS:
        return NextPoll(at, _STOPS[status], stopped=True)
    return NextPoll(at, longest.reason)


def _asked_for(headers: Mapping[str, str], ttl: timedelta | None, now: datetime) -> Iterator[_Wait]:
    wishes = {
        "server (Retry-After)": _retry_after(headers, now),
        "server (max-age)": _max_age(headers),
        "server (Expires)": _until(headers.get("Expires"), _date(headers.get("Date")) or now),
        "feed (ttl)": ttl,
    }
    for who, asked in wishes.items():
        if asked is not None:
            wait = min(asked, LONGEST)
            yield _Wait(wait, f"{_text(wait)}, asked for by the {who}")


def _back_off(interval: timedelta, failures: int) -> _Wait:
    wait = min(interval * 2 ** min(failures, _DOUBLINGS), max(interval, LONGEST))
    polls = "a poll" if failures == 1 else f"{failures} polls in a row"
    return _Wait(wait, f"{_text(wait)} of pause because {polls} failed")


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    value = headers.get("Retry-After", "").strip()
    return _seconds(value) if value.isdecimal() else _until(value, now)


def _max_age(headers: Mapping[str, str]) -> timedelta | None:
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    return _seconds(found[1]) if found else None


def _seconds(digits: str) -> timedelta:
    return timedelta(seconds=int(digits[:_COUNTED_DIGITS]))


def _until(value: str | None, start: datetime) -> timedelta | None:
    end = _date(value)
    return None if end is None else max(end - start, timedelta())


def _date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _text(wait: timedelta) -> str:
    return duration_text(timedelta(seconds=max(int(wait.total_seconds()), 1)))


def _share(slug: str) -> float:
    """A number from 0 to 1 that is always the same for the slug."""
    return int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4]) / 2**32
