"""Dates that can be published (DED-09), and what was wrong with those that came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from feeds.model import Entry

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_SKEW = timedelta(days=1)  # how far ahead of us an honest clock may be


class Dated(Struct, frozen=True):
    """A date that can be published, and what was wrong with the one that came."""

    when: datetime
    flaw: str | None = None


def date(given: datetime | None, *, first_seen: datetime, now: datetime) -> Dated:
    """A date that can stand in a feed (DED-09): none, before 1990 or far ahead means first seen."""
    if given is None:
        return Dated(first_seen, "no date that can be read")
    if given < _OLDEST:
        return Dated(first_seen, f"a date before 1990 ({given:%Y-%m-%d})")
    if given > now + _SKEW:
        return Dated(first_seen, f"a date in the future ({given:%Y-%m-%d %H:%M} UTC)")
    return Dated(given if given <= now else first_seen)


def flaws(entry: Entry, *, first_seen: datetime, now: datetime) -> str:
    """What was wrong with an entry's dates, for the record; empty when nothing was."""
    given = entry.published or entry.updated
    return date(given, first_seen=first_seen, now=now).flaw or ""
