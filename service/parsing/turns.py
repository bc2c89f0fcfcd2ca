"""Few things for many threads, each to one at a time."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


class Turns(Generic[T]):
    """Who waits longest is served first, which no queue of the standard library promises.

    What was given back last is given out next: what is in use stays few.
    """

    def __init__(self, things: Iterable[T]) -> None:
        self._free = list(things)
        self._waiting: deque[SimpleQueue[T]] = deque()
        self._lock = threading.Lock()

    def take(self) -> T:
        """One of the things, as soon as it is this thread's turn."""
        with self._lock:
            if self._free:
                return self._free.pop()
            turn: SimpleQueue[T] = SimpleQueue()
            self._waiting.append(turn)
        return turn.get()

    def give(self, thing: T) -> None:
        """Give one back, or another in its place."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(thing)
            else:
                self._free.append(thing)
