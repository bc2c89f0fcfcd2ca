"""The clock that looks for due work. APScheduler keeps no jobs for us: due times live in our tables."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from service import tasks
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apscheduler.events import JobExecutionEvent

    from service.runtime import Runtime

_NEVER_MISFIRES = None


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires that many seconds after now: a clock that jumps leaves nothing to catch up with."""

    def __init__(self, seconds: float) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """The next time, from now and never from the last one."""
        return now + self._step


def started(runtime: Runtime, work: Sequence[tasks.Task]) -> BackgroundScheduler:
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
            args=(runtime,),
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    return scheduler


def run(runtime: Runtime) -> None:
    """Look for due work until SIGTERM or SIGINT; what is under way is brought to its end."""
    orders: SimpleQueue[int] = (
        SimpleQueue()
    )  # whose put() a signal handler may call, unlike Event.set()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda order, _: orders.put(order))
    pollers = tasks.Pollers(runtime.config.fetch.hosts_at_once)
    scheduler = started(runtime, tasks.all_of(pollers))
    orders.get()
    runtime.stopping.set()
    scheduler.shutdown(wait=True)
    pollers.close()


def _tell(event: JobExecutionEvent) -> None:
    error: Any = event.exception
    log().error("task failed", task=event.job_id, error=str(error), kind=type(error).__name__)
