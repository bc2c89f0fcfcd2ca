"""How often a source is asked while all is well: as its own news come, within what its operator allows."""

from __future__ import annotations

import statistics
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from service.config import duration_text
from service.politeness.wishes import Wait, told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

UNCONDITIONAL = timedelta(days=1)  # between polls of a server that tells no validators (POL-05)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_LOOKS = 4  # in the time that usually lies between two of its news
_NEWEST = 20  # entries of a first document that tell its rhythm
_FEWEST = 3
_WEIGHT = 0.3  # of the latest news in the rhythm


class Pace(Struct, frozen=True, kw_only=True):
    """What the usual time between two polls of a source follows from."""

    floor: timedelta
    ceiling: timedelta
    agreed: bool = False  # the partner agreed to the floor
    conditional: bool = True  # its server tells validators
    rhythm: timedelta | None = (
        None  # usual time between two of its news; None when it is not known yet
    )
    silence: timedelta = timedelta()  # since its latest news

    def usual(self) -> Wait:
        """The time between two polls while all is well, and why."""
        if not self.conditional and not self.agreed and self.floor < UNCONDITIONAL:
            return Wait(UNCONDITIONAL, "every 1d: its server tells no validators")
        configured = Wait(self.floor, f"every {duration_text(self.floor)} as configured")
        if self.rhythm is None:
            return configured
        between = max(self.rhythm, self.silence / 2)
        wait = min(_whole_minutes(between / _LOOKS), max(self.ceiling, self.floor))
        if wait <= self.floor:
            return configured
        return Wait(wait, f"every {told(wait)}: its news come about every {told(_about(between))}")


def first_rhythm(dates: Iterable[datetime | None], now: datetime) -> timedelta | None:
    """The usual time between two news, by the dates of the first document; None for too few of them."""
    known = sorted({it for it in dates if it is not None and it <= now}, reverse=True)[:_NEWEST]
    if len(known) < _FEWEST:
        return None
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(known)]
    return timedelta(seconds=statistics.median(gaps))


def next_rhythm(rhythm: timedelta | None, since: timedelta, news: int) -> timedelta:
    """The rhythm after `news` entries that came within the time since the latest before."""
    latest = since / news
    return latest if rhythm is None else rhythm + _WEIGHT * (latest - rhythm)


def _about(between: timedelta) -> timedelta:
    """A time as one says it: in whole days, or hours, where there are several."""
    unit = next((it for it in (_DAY, _HOUR) if between >= 2 * it), timedelta(minutes=1))
    return unit * round(between / unit)


def _whole_minutes(wait: timedelta) -> timedelta:
    return timedelta(minutes=wait // timedelta(minutes=1))
