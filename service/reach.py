"""How many read what we republish of a source, as its server is told when it is asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from service.selection import SOURCE
from service.store import audience

if TYPE_CHECKING:
    from datetime import datetime

    from service.store import Store, Transaction

_FEEDS = f"/feeds/{SOURCE}/"  # what the addresses of sources' feeds begin with
_DAYS = timedelta(days=7)  # without readers, until a source counts as read by nobody
_GOOD_FOR = timedelta(hours=6)


class Reach(Struct):
    """Readers by source, looked up for all sources at once and then kept for hours.

    Only days that are over count, so whoever is told learns of no reader's coming and going within a day.
    """

    _readers: dict[str, int] = field(default_factory=dict)
    _at: datetime | None = None  # when that was looked up
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, slug: str, store: Store, now: datetime) -> int | None:
        """Subscribers that aggregators told and readers of their own, of the latest day that had any.

        None where nobody read the source's own feeds, in any format, for a week: its articles may well be
        read elsewhere.

        Raises:
            StoreError: The database does not tell.
        """
        with self._lock:
            if self._at is None or not timedelta() <= now - self._at < _GOOD_FOR:
                with store.reading() as tx:
                    self._readers = _latest(tx, now)
                self._at = now
            return self._readers.get(slug)


def _latest(tx: Transaction, now: datetime) -> dict[str, int]:
    days: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day, feed, number in audience.reached(tx, _FEEDS, (now - _DAYS).date(), now.date()):
        slug, _, _format = feed.removeprefix(_FEEDS).rpartition(".")
        days[slug][day] += number
    return {slug: numbers[max(numbers)] for slug, numbers in days.items()}
