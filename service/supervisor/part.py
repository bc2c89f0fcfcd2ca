"""A child of the parent's, which is there as long as the parent is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from service import processes
from service.telemetry import log

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.context import ForkProcess

_SETTLED = 60.0  # seconds of life after which what ended before is forgotten
_LONGEST = 30.0  # seconds
ORDERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # to the parent


class Pauses(Struct):
    """How long to wait before a part is started again: not at all, then 1, 2, 4 ... 30 seconds."""

    _next: float = 0.0

    def after(self, lived: float) -> float:
        """Seconds to wait after a life of that many."""
        pause = 0.0 if lived >= _SETTLED else self._next
        self._next = min(max(1.0, 2 * pause), _LONGEST)
        return pause


class Part:
    """A child process that is started again whenever it ends."""

    def __init__(
        self, name: str, run: Callable[..., None], *args: Any, without: socket.socket | None = None
    ) -> None:
        """Start it. The socket `without` is the parent's, and not for this part."""
        self._name = name
        self._run = run
        self._args = args
        self._without = without
        self._pauses = Pauses()
        self._due: float | None = None  # when it is started again, once it has ended
        self._process = self._started()

    def _started(self) -> ForkProcess:
        process = multiprocessing.get_context("fork").Process(
            target=_live, name=self._name, args=(os.getpid(), self._without, self._run, self._args)
        )
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ORDERS)  # what comes now is the parent's
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._born = time.monotonic()
        return process

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def tend(self) -> None:
        """Start the process again if it has ended, once the pause is over."""
        now = time.monotonic()
        if self._due is None and not self.is_alive:
            pause = self._pauses.after(now - self._born)
            self._due = now + pause
            log().error(
                "process ended, it is started again",
                process=self._name,
                after_seconds=pause,
                **_ending(self._process.exitcode or 0),
            )
        if self._due is not None and now >= self._due:
            self._start_again(now)

    def _start_again(self, now: float) -> None:
        try:
            self._process = self._started()
        except OSError as error:  # no memory, or no process more
            self._due = now + self._pauses.after(0.0)
            log().error("process cannot be started", process=self._name, error=str(error))
        else:
            self._due = None

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal, if it runs."""
        if self.is_alive and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def end(self) -> None:
        """End a process that holds nothing."""
        self._process.kill()
        self._process.join()

    def kill(self, reason: str) -> None:
        """End the process whatever it does, and with it what it has started."""
        log().warning("process killed", process=self._name, reason=reason)
        self.end()


def _live(
    parent: int, without: socket.socket | None, run: Callable[..., None], args: tuple[Any, ...]
) -> None:
    """The life of a child, which has all that its parent has, handlers of signals included."""
    processes.die_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to the parent, too
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ORDERS)
    if without is not None:
        without.close()
    run(*args)


def _ending(code: int) -> dict[str, str | int]:
    return {"code": code} if code >= 0 else {"signal": signal.Signals(-code).name}
