"""The database does not answer: what was last good is told meanwhile, and one request a second asks again."""

from __future__ import annotations

import threading
import time

_AGAIN = 1.0  # seconds between two attempts


class Outage:
    """Whether the database is taken not to answer. One thread at a time finds out whether it does again."""

    def __init__(self) -> None:
        self.is_on = False
        self._lock = threading.Lock()
        self._since = 0.0  # monotonic
        self._again = 0.0  # monotonic

    def begin(self) -> None:
        """It has just not answered."""
        now = time.monotonic()
        with self._lock:
            self._since = self._since if self.is_on else now
            self._again = now + _AGAIN
            self.is_on = True

    def end(self) -> None:
        """It has answered."""
        self.is_on = False

    def lasts(self) -> float:
        """Seconds for which it has not answered."""
        return time.monotonic() - self._since

    def may_ask(self) -> bool:
        """Whether this thread is to try; the others need not wait for it."""
        now = time.monotonic()
        with self._lock:
            if now < self._again:
                return False
            self._again = float("inf")  # until begin() or end()
            return True
