"""Durations as config.toml writes them: "90s", "15m", "6h", "1d"."""

from __future__ import annotations

import re
from datetime import timedelta

from service.config.wording import quoted

PATTERN = "([0-9]+) *([smhd])"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ALMOST = re.compile(r"\s*([0-9]+)\s*([A-Za-z]*)\s*")
_LONGEST = timedelta(days=366)


def duration(value: object) -> timedelta:
    """Read a duration as it stands in the file.

    Raises:
        ValueError: It is not written so, or longer than a year.
    """
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(PATTERN, value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"{quoted(str(value))} is not a duration: write a whole number and a unit in quotes, "
            f'such as "90s", "15m", "6h" or "1d"{_suggestion(str(value))}'
        )
    number, unit = match.groups()
    if len(number) > 12 or int(number) * _UNITS[unit] > _LONGEST.total_seconds():
        raise ValueError(f"{quoted(match[0])} is longer than a year")
    return timedelta(seconds=int(number) * _UNITS[unit])


def _suggestion(written: str) -> str:
    match = _ALMOST.fullmatch(written)
    if match is None:
        return ""
    number, unit = match[1], match[2][:1].lower()
    units = unit if unit in _UNITS else "".join(_UNITS) if unit else "s"
    *others, last = (quoted(number + unit) for unit in units)
    return f"; did you mean {', '.join(others)}{' or ' * bool(others)}{last}?"


def duration_text(value: timedelta) -> str:
    """Write a duration the way config.toml does, in the largest unit that fits."""
    seconds = int(value.total_seconds())
    for unit in "dhm":
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"
