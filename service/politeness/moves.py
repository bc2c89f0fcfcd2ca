"""Permanent redirects: a server in trouble, or a hotel's network, says the same as a feed that has moved.

So another address is taken over only when the redirect has held for a week and many polls, what it leads
to is the same feed, and it is the same owner's (RFC 9110 sections 15.4.2 and 15.4.9 permit that and no more).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace
from publicsuffixlist import PublicSuffixList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

HELD = timedelta(days=7)
SIGHTINGS = 20
_PERMANENT = frozenset({301, 308})


class Move(Struct, frozen=True):
    """A permanent redirect as polls have met it, each time to the same address."""

    to: str
    since: datetime
    sightings: int = 1
    known: bool = False  # the document there holds entries that came from the old address


class Standing(StrEnum):
    """What a permanent redirect amounts to by now."""

    WAITS = "it has to hold for a week and 20 polls"
    UNLIKE = "nothing there was known from the old address"
    FOREIGN = "it is on another site: put the new url into config.toml to confirm it"
    HELD = "it has held for a week and 20 polls"


def sighted(
    move: Move | None, hops: Sequence[tuple[int, str]], *, asked: str, known: bool, now: datetime
) -> Move | None:
    """The redirect as it stands after a poll of `asked` that followed these hops (status, address).

    One that leads elsewhere begins anew, none or one away from https is forgotten.
    """
    to = _target(hops)
    if to is None or to == asked or _is_downgrade(asked, to):
        return None
    if move is None or move.to != to:
        return Move(to, now, known=known)
    return replace(move, sightings=move.sightings + 1, known=move.known or known)


def standing(move: Move, *, asked: str, now: datetime) -> Standing:
    """Whether the address is to be taken over, or what is wanting."""
    if now - move.since < HELD or move.sightings < SIGHTINGS:
        return Standing.WAITS
    if not move.known:
        return Standing.UNLIKE
    return Standing.HELD if _site(asked) == _site(move.to) else Standing.FOREIGN


def _target(hops: Sequence[tuple[int, str]]) -> str | None:
    """Where the permanent redirects lead that stand before any other."""
    permanent = list(takewhile(lambda hop: hop[0] in _PERMANENT, hops))
    return permanent[-1][1] if permanent else None


def _is_downgrade(asked: str, to: str) -> bool:
    return urlsplit(asked).scheme == "https" and urlsplit(to).scheme != "https"


def _site(url: str) -> str:
    """The name that its owner has registered; of an address or a bare name, itself."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host.replace(".", "").isdecimal() or ":" in host:
        return host
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    """The public suffix list as this release of the package has it."""
    return PublicSuffixList()
