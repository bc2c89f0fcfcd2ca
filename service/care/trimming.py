"""What the scheduler clears away: records that have served their time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from service.care import gallery
from service.store import audience, trimming

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from service.runtime import Runtime
    from service.store import Transaction

CHANGES_KEPT = timedelta(days=1)  # no cache of ours sleeps longer; one that does starts anew
POLLS_KEPT = timedelta(days=90)
LATEST_POLLS = 50  # of each source, however old


def trim(runtime: Runtime) -> None:
    """Forget what has served its time, in steps so small that nobody notices."""
    now = runtime.clock.now()
    _repeat(runtime, partial(trimming.changes_before, moment=now - CHANGES_KEPT))
    past = now - POLLS_KEPT
    with runtime.store.reading() as tx:
        sources = trimming.polled_before(tx, past)
    for source in sources:
        _repeat(
            runtime,
            partial(trimming.polls_before, source=source, moment=past, keeping=LATEST_POLLS),
        )
    _repeat(runtime, trimming.unnamed_heads)
    _trim_audience(runtime, now.date())
    gallery.trim(runtime)


def _trim_audience(runtime: Runtime, today: date) -> None:
    _repeat(runtime, partial(audience.settle, today=today))
    past = today - runtime.config.server.statistics_kept
    _repeat(runtime, partial(audience.forget, before=past))


def _repeat(runtime: Runtime, step: Callable[[Transaction], int]) -> None:
    """Take one step after the other until there is nothing left to do, or the process is to end."""
    done = 1
    while done and not runtime.stopping.is_set():
        with runtime.store.writing() as tx:
            done = step(tx)


def checkpoint(runtime: Runtime) -> None:
    """Empty SQLite's write-ahead log, unless somebody is reading or writing just now."""
    trimming.checkpoint(runtime.store)
