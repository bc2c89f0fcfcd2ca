"""What a check finds, and what a person is told of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from feeds.strict.elements import Node


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # against the format, or readers stumble over it
    WARNING = "warning"  # better left out


class Rule(NamedTuple):
    """What an id stands for, and how to mend it."""

    severity: Severity
    message: str
    remedy: str


class Flaw(NamedTuple):
    """A rule that is broken, by its id; where, and by what."""

    id: str
    at: Node | str  # an element, or the path of a member
    detail: str = ""


class Finding(Struct, frozen=True):
    """A flaw as a person is told it."""

    id: str
    severity: Severity
    where: str  # "line 12, guid" or "items[3].url"
    message: str
    remedy: str
