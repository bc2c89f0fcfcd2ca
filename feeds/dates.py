"""Dates as feeds write them: RFC 3339 and ISO 8601, RFC 822 and 2822, asctime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import lru_cache

RAW_LIMIT = 100  # characters; nothing longer is a date
_KEPT = 256  # most entries say the same twice: published, and updated

_CLOCK = r"(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_ISO = rf"(?P<year>\d{{4}})-?(?P<month>\d\d)-?(?P<day>\d\d)(?:[Tt ]\s*{_CLOCK}\s*(?P<zone>.*))?"
_MAIL = (
    r"(?:[^\W\d]+[.,]*\s+)?(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3,9})\.?[\s-]+"
    rf"(?P<year>\d{{4}}|\d\d)(?:[\s,T]+{_CLOCK}\s*(?P<zone>.*))?"
)
_ASCTIME = rf"[A-Za-z]{{3}} (?P<month>[A-Za-z]{{3}}) (?P<day>\d{{1,2}}) {_CLOCK} (?P<year>\d{{4}})"
_FORMS = tuple(re.compile(form, re.ASCII) for form in (_ISO, _MAIL, _ASCTIME))
_COMMENT = re.compile(r"\([^()]*\)")  # "+0100 (CET)"
_OFFSET = re.compile(r"(?:UTC|GMT|UT|Z)?([+-])(\d{1,2}):?(\d\d)?", re.ASCII)
_END = re.compile(r"(?:^|;)\s*end\s*=\s*([^;]*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# By minutes east of Greenwich. A name that stands for several zones is left out (IST), unless RFC 822
# says which is meant (CST) or one of them is much the commonest in feeds (BST).
_ZONES = {
    name: timezone(timedelta(minutes=minutes))
    for minutes, names in {
        0: "Z UT UTC GMT WET",
        60: "BST CET MET MEZ WAT WEST",
        120: "CAT CEST EET MEST MESZ SAST",
        180: "EAT EEST MSK TRT",
        300: "PKT",
        420: "WIB",
        480: "AWST HKT SGT",
        540: "JST KST",
        570: "ACST",
        600: "AEST",
        630: "ACDT",
        660: "AEDT",
        720: "NZST",
        780: "NZDT",
        -150: "NDT",
        -180: "ADT ART BRT",
        -210: "NST",
        -240: "AST EDT",
        -300: "CDT EST",
        -360: "CST MDT",
        -420: "MST PDT",
        -480: "AKDT PST",
        -540: "AKST",
        -600: "HST",
    }.items()
    for name in names.split()
}


@lru_cache(_KEPT)
def parse(raw: str) -> datetime | None:
    """The moment in UTC, or None when the text names no real moment or a zone not known here.

    A date without zone is taken as UTC, one without time as midnight.
    """
    text = " ".join(_COMMENT.sub(" ", raw[: RAW_LIMIT + 1]).split())
    if len(raw) > RAW_LIMIT:
        return None
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    return _moment(found.groupdict()) if found else None


def rfc3339(when: datetime) -> str:
    """The moment as RFC 3339 has it, in UTC: "2026-11-22T10:00:00Z"."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def rfc822(when: datetime) -> str:
    """The moment as RSS has it, in English under any locale: "Sun, 22 Nov 2026 10:00:00 GMT"."""
    return format_datetime(when.astimezone(UTC), usegmt=True)


def period_until(end: datetime) -> str:
    """The time up to a moment as a DCMI Period: "end=2026-11-22T10:00:00Z; scheme=W3C-DTF"."""
    return f"end={rfc3339(end)}; scheme=W3C-DTF"


def end_of_period(raw: str) -> datetime | None:
    """The end of a DCMI Period, or the moment that stands alone."""
    named = _END.search(raw)
    return parse(named[1] if named else raw)


def _moment(given: dict[str, str | None]) -> datetime | None:
    try:
        year, month, day = _year(given["year"]), _month(given["month"]), int(given["day"] or 0)
        midnight = datetime(year, month, day, tzinfo=_zone((given.get("zone") or "UTC").upper()))
        return (midnight + _time_of_day(given)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(text: str | None) -> int:
    """RFC 2822 section 4.3: two digits below 50 are of this century."""
    year = int(text or 0)
    if len(text or "") > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _month(text: str | None) -> int:
    text = (text or "").lower()
    return int(text) if text.isdigit() else _MONTHS.index(text[:3]) + 1


def _time_of_day(given: dict[str, str | None]) -> timedelta:
    """24:00:00 ends the day and a leap second ends its minute: both belong to what follows."""
    hour, minute, second = (int(given[part] or 0) for part in ("hour", "minute", "second"))
    time = timedelta(hours=hour, minutes=minute, seconds=second)
    if minute > 59 or second > 60 or time > timedelta(days=1):
        raise ValueError("no such time")
    return time + timedelta(microseconds=int((given["fraction"] or "").ljust(6, "0")[:6]))


def _zone(name: str) -> timezone:
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-shift if sign == "-" else shift)
    if name not in _ZONES:
        raise ValueError("unknown zone")
    return _ZONES[name]
