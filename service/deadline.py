"""The moment by which something has to be over, however slowly the other side goes on.

Time-outs of single reads add up without end: one byte now and then keeps a connection busy for ever. So
every wait is given only what is left until one moment on the monotonic clock.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from service.config import duration_text
from service.errors import TooSlow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from service.clock import Clock

    T = TypeVar("T")


class Deadline:
    """A total of time, counted from a moment that may have passed already."""

    def __init__(self, clock: Clock, total: timedelta, *, started: float | None = None) -> None:
        self._clock = clock
        self._total = total
        began = clock.monotonic() if started is None else started
        self._at = began + total.total_seconds()

    def left(self) -> float:
        """The seconds that remain, more than 0.

        Raises:
            TooSlow: There are none.
        """
        left = self._at - self._clock.monotonic()
        if left <= 0:
            raise TooSlow(f"no whole answer within {duration_text(self._total)}")
        return left

    def within(self, longest: timedelta) -> float:
        """The seconds that a single wait may last: no longer than that, and not past the deadline.

        Raises:
            TooSlow: The deadline has passed.
        """
        return min(longest.total_seconds(), self.left())

    def result(self, work: Callable[[], T], longest: timedelta, what: str) -> T:
        """What the work gives, or its error; work that cannot be interrupted is left behind in its thread.

        Raises:
            TooSlow: The deadline has passed, or the work took longer than it may.
        """
        seconds = self.within(longest)
        promised: Future[T] = Future()
        Thread(target=_do, args=(work, promised), name=what, daemon=True).start()
        if not wait([promised], seconds).done:
            self.left()
            raise TooSlow(f"{what} took longer than {duration_text(longest)}")
        return promised.result()


def _do(work: Callable[[], T], promised: Future[T]) -> None:
    try:
        promised.set_result(work())
    except BaseException as error:  # it is raised where the result is waited for
        promised.set_exception(error)
