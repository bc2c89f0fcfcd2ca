"""The list of work that is due by time, and how often each looks for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec import Struct

from service import endings, ingest, measuring, newsroom, numbering, processes
from service.care import trimming
from service.care.readiness import BEAT_SECONDS
from service.store import beats, sources
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.clock import Clock
    from service.reload import Watcher
    from service.runtime import Current, Runtime


_STARTS = 20  # hosts that begin to be polled at a look
_BETWEEN_STARTS = 1 / 25  # seconds
_TURNED_BACK = 60.0  # seconds, at least


class Task(Struct, frozen=True):
    """Work that looks for itself what is due."""

    name: str
    every: float  # seconds between looks
    run: Callable[[Current], None]


class Pollers:
    """The threads that poll: a slow host holds up no other, and none is polled by two of them."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="poll")
        self._under_way: set[str] = set()
        self._most = at_once * 4
        self._ahead: float | None = None  # seconds of the time of day before the steady clock
        self._next_start = 0.0  # on the steady clock
        self._starting = threading.Lock()

    def look(self, current: Current) -> None:
        """Have hosts polled that are due and not under way, a few at each look.

        After a long stop everything is due; those who are asked then shall not feel it, nor shall readers.
        """
        runtime = current.runtime
        self._heed_clock(runtime)
        with runtime.store.reading() as tx:
            due = sources.due_hosts(tx, runtime.clock.now(), limit=self._most + _STARTS)
        waiting = [host for host in due if host not in self._under_way]
        for host in waiting[: min(_STARTS, self._most - len(self._under_way))]:
            self._under_way.add(host)
            self._pool.submit(self._poll, runtime, host)

    @property
    def under_way(self) -> int:
        """How many hosts are being polled or wait for a thread."""
        return len(self._under_way)

    def _heed_clock(self, runtime: Runtime) -> None:
        """At the first look, and whenever the time of day was turned back since the last."""
        ahead = runtime.clock.now().timestamp() - runtime.clock.monotonic()
        if self._ahead is None or ahead < self._ahead - _TURNED_BACK:
            with runtime.store.writing() as tx:
                sources.heed_clock(tx, runtime.clock.now())
        self._ahead = ahead

    def _poll(self, runtime: Runtime, host: str) -> None:
        try:
            self._wait_for_start(runtime.clock)
            ingest.poll_host(runtime, host, owner=processes.owner())
        except Exception as error:  # nobody waits for this thread: the log has to tell
            log().exception("polling broke", host=host, error=str(error))
        finally:
            self._under_way.discard(host)

    def _wait_for_start(self, clock: Clock) -> None:
        """Wait until the next host may begin: when threads get free, not all that waited for them do."""
        with self._starting:
            now = clock.monotonic()
            at = max(now, self._next_start)
            self._next_start = at + _BETWEEN_STARTS
        if at > now:
            clock.sleep(at - now)

    def close(self) -> None:
        """Let what is under way come to its end, and begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def settle_due(current: Current) -> None:
    """Publish the scheduled articles whose time has come, withdraw those whose time is over."""
    newsroom.settle(current.runtime)


def number_named(current: Current) -> None:
    """Number what the named selections have come to hold, for their archives."""
    numbering.settle(current.runtime)


def refile(current: Current) -> None:
    """File articles under the licenses that hold by the settings in force, and move releases by them."""
    endings.refile(current.runtime)
    endings.reschedule(current.runtime)


def measure(current: Current) -> None:
    """Ask for the lengths of enclosures that nobody knows."""
    measuring.measure_due(current.runtime, owner=processes.owner())


def beat(current: Current) -> None:
    """Tell those who ask whether the service is ready that the scheduler is at work."""
    with current.runtime.store.writing() as tx:
        beats.beat(tx, beats.SCHEDULER)


def trim(current: Current) -> None:
    """Forget records that have served their time."""
    trimming.trim(current.runtime)


def checkpoint(current: Current) -> None:
    """Keep SQLite's write-ahead log short."""
    trimming.checkpoint(current.runtime)


def all_of(pollers: Pollers, watcher: Watcher) -> tuple[Task, ...]:
    """Everything that is due by time."""
    return (
        Task("beat", BEAT_SECONDS, beat),
        Task("settings", 1.0, watcher.look),
        Task("poll", 1.0, pollers.look),
        Task("settle", 1.0, settle_due),
        Task("refile", 1.0, refile),
        Task("number", 1.0, number_named),
        Task("measure", 5.0, measure),
        Task("trim", 3600.0, trim),
        Task("checkpoint", 60.0, checkpoint),
    )
