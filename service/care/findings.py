"""What `feedwright doctor` has to say about one thing that it looked at."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Health(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    health: Health
    about: str  # what, and where when there are several
    told: str
    remedy: str | None = None  # how to mend it


def good(about: str, told: str) -> Finding:
    """All is well."""
    return Finding(Health.GOOD, about, told)


def warning(about: str, told: str, remedy: str) -> Finding:
    """It works, but somebody should look after it."""
    return Finding(Health.WARNING, about, told, remedy)


def bad(about: str, told: str, remedy: str) -> Finding:
    """It does not work, or will lose something."""
    return Finding(Health.BAD, about, told, remedy)
