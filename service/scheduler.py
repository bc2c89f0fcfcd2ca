"""The clock that looks for due work. APScheduler keeps no jobs for us: due times live in our tables."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from service import tasks
from service.reload import Watcher
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apscheduler.events import JobExecutionEvent

    from service.clock import Clock
    from service.runtime import Current

_NEVER_MISFIRES = None
_ENDS_WITHIN = 6.0  # seconds
_ORDERS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_LOOK = 1.0  # seconds between two looks at the clock


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires that many seconds after now: a clock that jumps leaves nothing to catch up with."""

    def __init__(self, seconds: float) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """The next time, from now and never from the last one."""
        return now + self._step


def started(current: Current, work: Sequence[tasks.Task]) -> BackgroundScheduler:
    """A running scheduler; the caller shuts it down."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(work))},
        job_defaults={
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": _NEVER_MISFIRES,
        },
    )
    scheduler.add_listener(_tell, EVENT_JOB_ERROR)
    for task in work:
        scheduler.add_job(
            task.run,
            Every(task.every),
            id=task.name,
            args=(current,),
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    threading.Thread(
        target=_heed_clock, args=(scheduler, current.runtime.clock), name="clock", daemon=True
    ).start()
    return scheduler


def _heed_clock(scheduler: BackgroundScheduler, clock: Clock) -> None:
    """Have all work looked for at once when the time of day was turned back.

    APScheduler would wait until the time comes again for which it had planned the next look.
    """
    ahead = _ahead(clock)
    while scheduler.running:
        time.sleep(_LOOK)
        before, ahead = ahead, _ahead(clock)
        if ahead < before - _LOOK:
            log().warning("the clock was turned back", seconds=round(before - ahead))
            with suppress(JobLookupError):  # the scheduler has just ended
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=clock.now())


def _ahead(clock: Clock) -> float:
    """Seconds of the time of day before the steady clock."""
    return clock.now().timestamp() - clock.monotonic()


def run(current: Current) -> None:
    """Look for due work until SIGTERM or SIGINT; what is under way is brought to its end, or given up.

    SIGHUP reads config.toml anew, changed or not.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ORDERS)  # in all threads from here on
    orders: SimpleQueue[int] = SimpleQueue()
    ending = partial(_hear, orders, current.runtime.stopping)
    threading.Thread(target=ending, name="orders", daemon=True).start()
    pollers = tasks.Pollers(current.runtime.config.fetch.hosts_at_once)
    watcher = Watcher(current.runtime.config.file or Path("config.toml"))
    scheduler = started(current, tasks.all_of(pollers, watcher))
    while orders.get() == signal.SIGHUP:
        watcher.reload(current)
    scheduler.shutdown(wait=True)
    pollers.close()


def _hear(orders: SimpleQueue[int], stopping: threading.Event) -> None:
    """Pass orders on. From the one to end on the process lasts _ENDS_WITHIN at most, whatever is under way.

    Work that is cut off leaves nothing half done.
    """
    while (order := signal.sigwait(_ORDERS)) == signal.SIGHUP:  # unlike handlers, it misses none
        orders.put(order)
    stopping.set()
    orders.put(order)
    time.sleep(_ENDS_WITHIN)
    log().warning("work under way is given up", after_seconds=_ENDS_WITHIN)
    os._exit(0)


def _tell(event: JobExecutionEvent) -> None:
    error: Any = event.exception
    metrics.TASK_FAILURES.labels(event.job_id).inc()
    log().error("task failed", task=event.job_id, error=str(error), kind=type(error).__name__)
