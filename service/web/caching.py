"""Pure: how long caches may keep an answer (RFC 9111, RFC 5861), and when that has to be told anew.

There is no s-maxage: it would forbid shared caches to serve stale what the other two allow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_REVALIDATING = 60  # seconds in which the old serves while the new is asked for
_FAILING = (86400, 3600, 300)  # seconds in which the old serves while we cannot answer


def cache_control(good_until: datetime | None, now: datetime, fresh: int) -> str:
    """How long a feed may be kept: `fresh` seconds, and some more while it is asked for anew.

    All of that ends at the moment at which time alone will change it (HTTP-09).
    """
    left = _left(good_until, now)
    age = fresh if left is None else max(0, min(fresh, left))
    spare = None if left is None else max(0, left - age)
    revalidating = _REVALIDATING if spare is None else min(_REVALIDATING, spare)
    failing = next((it for it in _FAILING if spare is None or it <= spare), 0)
    return f"public, max-age={age}, stale-while-revalidate={revalidating}, stale-if-error={failing}"


def told_until(good_until: datetime | None, now: datetime, fresh: int) -> datetime | None:
    """Until when cache_control() says the same; None for as long as the answer is good."""
    left = _left(good_until, now)
    if good_until is None or left is None:
        return None
    steps = (fresh + spare for spare in (*_FAILING, _REVALIDATING))
    return good_until - timedelta(seconds=next((it for it in steps if it <= left), left))


def _left(good_until: datetime | None, now: datetime) -> int | None:
    return None if good_until is None else int((good_until - now).total_seconds())
