"""What servers and feeds ask of those who poll them.

RFC 9110 section 10.2.3 (Retry-After), RFC 9111 sections 5.2.2.1 (max-age) and 5.3 (Expires); RSS 2.0's ttl,
skipHours and skipDays, and the sy: module.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from service.config import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feeds.model import Feed

LONGEST = timedelta(days=1)  # that failures, servers and feeds can make us wait
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_COUNTED_DIGITS = 9  # the seconds that these can say go far beyond LONGEST
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = timedelta(hours=1)
_WEEK = 7 * 24  # hours


class Wait(Struct, frozen=True):
    """A time to wait and the reason in words; `alarm` is for the operator when it was cut down."""

    lasting: timedelta
    reason: str
    alarm: str | None = None


class Wishes(Struct, frozen=True):
    """What a feed's head asks for; it holds until another document says otherwise."""

    every: timedelta | None = None  # the longer one of ttl and the sy: module
    skip_hours: tuple[int, ...] = ()  # of a day in UTC
    skip_days: tuple[str, ...] = ()  # in English

    @classmethod
    def of(cls, feed: Feed) -> Wishes:
        """Those of a document."""
        asked = [timedelta(minutes=feed.ttl)] if feed.ttl else []
        asked += [timedelta(seconds=feed.update_seconds)] if feed.update_seconds else []
        return cls(max(asked, default=None), feed.skip_hours, feed.skip_days)

    def welcome(self, at: datetime) -> datetime:
        """The first moment from then on that the feed does not ask to skip; all hours are not skipped."""
        if not (self.skip_hours or self.skip_days):
            return at
        whole = at.replace(minute=0, second=0, microsecond=0)
        moments = (at, *(whole + n * _HOUR for n in range(1, _WEEK + 1)))
        return next((it for it in moments if not self._skips(it)), at)

    def _skips(self, at: datetime) -> bool:
        return at.hour in self.skip_hours or _DAYS[at.weekday()] in self.skip_days


def of_server(headers: Mapping[str, str], now: datetime) -> Iterator[Wait]:
    """What the headers of an answer ask for."""
    wishes = {
        "Retry-After": retry_after(headers, now),
        "max-age": _max_age(headers),
        "Expires": _until(headers.get("Expires"), _date(headers.get("Date")) or now),
    }
    for name, asked in wishes.items():
        if asked is not None:
            yield bounded(asked, f"server ({name})")


def bounded(asked: timedelta, who: str) -> Wait:
    """The wait that was asked for, or the longest that is granted to anybody."""
    if asked <= LONGEST:
        return Wait(asked, f"{told(asked)}, asked for by the {who}")
    longest = f"{told(LONGEST)}, the most we wait"
    alarm = f"the {who} asks for {told(asked)}"
    return Wait(LONGEST, f"{longest}: {alarm}", alarm)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause that the server asks for, as seconds or as a date."""
    value = headers.get("Retry-After", "").strip()
    return _seconds(value) if value.isdecimal() else _until(value, now)


def told(wait: timedelta) -> str:
    """A wait in words, to the minute where it is long."""
    seconds = max(int(wait.total_seconds()), 1)
    return duration_text(timedelta(seconds=seconds if seconds < 7200 else seconds - seconds % 60))


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
