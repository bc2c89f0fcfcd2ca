"""Pollers for processes of their own, which tests stop and kill."""

from __future__ import annotations

import random
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service import ingest, scheduler
from service import runtime as running
from service.clock import SystemClock
from service.parsing import Parser
from service.runtime import Current
from service.store import sources

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from service.config import Config
    from service.runtime import Runtime

_PAUSE = 0.04  # seconds between two looks


class HastyClock(SystemClock):
    """The time of day goes `times` as fast since `start` and is wrong by `error`; waiting is as always."""

    def __init__(self, start: datetime, times: int, error: timedelta) -> None:
        self._start, self._times, self._error = start, times, error

    def now(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._start) * self._times + self._error


def schedule_slowly(config: Config, begun: Connection) -> None:
    """Be a scheduler that takes a minute to start, and has less to end."""

    def slowly(*_arguments: object) -> None:
        begun.send(True)
        time.sleep(60)

    scheduler.started, scheduler._ENDS_WITHIN = slowly, 0.1  # type: ignore[assignment]  # slow is enough
    with running.opened(config) as runtime:
        scheduler.run(Current(runtime))


def poll_until_told(config: Config, name: str, clock: HastyClock, lasting: timedelta) -> None:
    """Poll what is due, over and over, until SIGTERM."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    parser = Parser(workers=1)
    with running.opened(config, clock=clock, parser=parser) as runtime:
        while not told:
            _poll_due(runtime, name, lasting)
            time.sleep(_PAUSE)
    parser.close()


def poll_all(config: Config, name: str, lasting: timedelta) -> None:
    """Start as a service does, and poll until nothing is due any more."""
    running.prepare(config)
    with running.opened(config) as runtime:
        while _is_due(runtime):
            _poll_due(runtime, name, lasting)
            time.sleep(_PAUSE)


def _poll_due(runtime: Runtime, name: str, lasting: timedelta) -> None:
    """Poll the hosts that are due, in any order: not all pollers the same."""
    with runtime.store.reading() as tx:
        due = sources.due_hosts(tx, runtime.clock.now(), limit=100)
    random.shuffle(due)
    for host in due:
        ingest.poll_host(runtime, host, owner=name, lasting=lasting)


def _is_due(runtime: Runtime) -> bool:
    with runtime.store.reading() as tx:
        return any(it.next_at <= runtime.clock.now() for it in sources.listed(tx) if it.next_at)
