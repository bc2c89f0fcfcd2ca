"""How a side that polls is watched through the stages, and held to what the partners have published."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Failed
from benchmarks.processes import Peak
from benchmarks.upstream import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.upstream import Upstream

AT_ONCE = 32  # hosts


class WrongPoll(Failed):
    """The polls did not end as the partners' feeds demand."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side saw in a stage: feeds and entries that were new to it, if it tells entries."""

    feeds: int
    entries: int | None
    seconds: float
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What one side did: the seconds of each stage, and the most megabytes (PSS) it held in all."""

    seconds: dict[Stage, float]
    megabytes: float


def stages(upstream: Upstream, poll: Callable[[Stage], Seen]) -> Ran:
    """The three stages one after the other."""
    found: dict[Stage, Seen] = {}
    for stage in Stage:
        upstream.publish(stage)
        seen = found[stage] = poll(stage)
        wanted = (upstream.changed(stage), upstream.new(stage))
        if seen.feeds != wanted[0] or seen.entries not in (None, wanted[1]):
            raise WrongPoll(
                f"{seen.feeds} feeds had something new and {seen.entries} entries were,"
                f" not {wanted[0]} and {wanted[1]}"
            )
    seconds = {stage: seen.seconds for stage, seen in found.items()}
    return Ran(seconds, max(seen.megabytes for seen in found.values()))


def watched(poll: Callable[[], tuple[int, int | None]]) -> Seen:
    """A poll in this process; it gives the feeds and the entries that were new."""
    peak = Peak(os.getpid())
    started = time.perf_counter()
    with peak.watching():
        feeds, entries = poll()
        seconds = time.perf_counter() - started
    return Seen(feeds, entries, seconds, peak.megabytes)


def in_process(run: Callable[[Upstream], Ran], upstream: Upstream) -> Ran:
    """Run it in a fresh process."""
    context = multiprocessing.get_context("spawn")
    mine, its = context.Pipe()
    process = context.Process(target=_told, args=(run, upstream, its))
    process.start()
    its.close()
    try:
        found: Ran = mine.recv()
    finally:
        process.join()
    return found


def _told(run: Callable[[Upstream], Ran], upstream: Upstream, answer: Any) -> None:
    answer.send(run(upstream))
