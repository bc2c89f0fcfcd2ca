"""Who reads the feeds: noted by those who answer, counted a little later by a thread of its own.

An answer costs one append to a list with an end. Addresses stay in memory for a second and go nowhere else;
numbers are saved each minute and at the end, so that a crash loses a minute of them.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from service.audience import Counts
from service.errors import StoreError
from service.store import audience
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from wsgiref.types import WSGIEnvironment

    from service.audience import Note
    from service.runtime import Current

MOST_NOTED = 8192  # requests between two looks
_AGENT = 256  # characters of a User-Agent that are noted
_FORWARDED = 256  # characters of X-Forwarded-For, its last ones
_LOOK = 0.25  # seconds between two looks
_PATIENCE = timedelta(seconds=2)  # with other writers
_SAVE = 60.0  # seconds between two writings
_LOOKS_A_SAVE = round(_SAVE / _LOOK)


class Readers:
    """Takes notes of requests for feeds, and makes the day's numbers of them."""

    def __init__(self, current: Current) -> None:
        self._current = current
        server = current.runtime.config.server
        self._noted: deque[Note] = deque(maxlen=MOST_NOTED if server.statistics else 0)
        self._is_proxied = bool(server.proxies)
        self._counts = Counts(server.proxy_networks)
        self._day: date | None = None
        self._salt: bytes | None = None
        self._turn = threading.Lock()

    def note(self, path: str, environ: WSGIEnvironment, size: int | None) -> None:
        """Note a request for the feed at `path`; `size` in bytes of what was sent, None for a 304."""
        self._noted.append(
            (
                path,
                environ.get("HTTP_USER_AGENT", "")[:_AGENT],
                environ.get("REMOTE_ADDR", ""),
                environ.get("HTTP_X_FORWARDED_FOR", "")[-_FORWARDED:] if self._is_proxied else "",
                size,
            )
        )

    def count(self) -> None:
        """Count what was noted; what was noted beyond the bound has taken the place of older notes."""
        with self._turn:
            batch = [self._noted.popleft() for _ in range(len(self._noted))]
            if not batch:
                return
            if len(batch) >= MOST_NOTED:
                metrics.READERS_OVERLOOKED.inc()
            today = self._current.runtime.clock.now().date()
            if today != self._day:
                self._save()
                self._salt = None
                self._day = today
            if self._salt is None:
                self._salt = self._todays_salt(today)
            self._counts.add(batch, self._salt)

    def save(self) -> None:
        """Add what was counted to the day's numbers in the database; what it does not take is lost."""
        with self._turn:
            self._save()

    def _save(self) -> None:
        counted = self._counts.taken()
        if not counted or self._day is None:
            return
        try:
            with self._current.runtime.store.writing(_PATIENCE) as tx:
                audience.add(tx, self._day, counted)
        except StoreError as error:
            log().warning("numbers of readers are lost", reason=str(error))

    def _todays_salt(self, today: date) -> bytes | None:
        """The day's salt, the same for all processes; None while the database cannot tell it."""
        store = self._current.runtime.store
        try:
            with store.reading() as tx:
                found = audience.salt(tx, today)
            if found is None:
                with store.writing(_PATIENCE) as tx:
                    found = audience.make_salt(tx, today)
        except StoreError:
            return None
        return found


@contextmanager
def followed(readers: Readers) -> Iterator[None]:
    """Count and save while the block lasts, and once more at its end."""
    ending = threading.Event()

    def follow() -> None:
        looks = 0
        while not ending.wait(_LOOK):
            readers.count()
            looks += 1
            if looks % _LOOKS_A_SAVE == 0:
                readers.save()

    thread = threading.Thread(target=follow, name="readers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        readers.count()
        readers.save()
