"""One thread at a time makes the answer of an address; the others wait for it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 30.0  # seconds to wait for an answer in the making


class Flights:
    """Answers in the making, by address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Event] = {}

    @contextmanager
    def boarding(self, path: str) -> Iterator[bool]:
        """Whether this thread is the one to make the answer; if not, the one that was has ended by now."""
        with self._lock:
            under_way = self._under_way.get(path)
            if under_way is None:
                mine = self._under_way[path] = threading.Event()
        if under_way is not None:
            under_way.wait(_PATIENCE)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                del self._under_way[path]
            mine.set()
