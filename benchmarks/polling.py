"""Polling many hosts: the first time, when nothing is new, and when a tenth is; against plain feedparser.

Both ask as many hosts at once, from a process of their own. feedparser only reads: it keeps nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser

from benchmarks import upstream as partners
from benchmarks.measuring import Comparison, Failed, Figures, Unit
from benchmarks.processes import Peak
from benchmarks.upstream import Stage
from service import config as configuration
from service import ingest, runtime, tasks, telemetry
from service.clock import SystemClock
from service.model import PollResult
from service.store import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measuring import Options
    from benchmarks.upstream import Upstream

_AT_ONCE = 16  # hosts
_LATER = timedelta(days=2)  # by when every source is due again
_TOLD = {
    Stage.FIRST: "the first time",
    Stage.SAME: "nothing new (304)",
    Stage.CHANGED: "a tenth changed",
}
_CONFIG = """
[site]
title = "The Benchmark Review"
description = "Invented articles, to measure with."
public_url = "http://127.0.0.1:8000"

[fetch]
allow_networks = ["127.0.0.0/8"]
allow_ports = [{port}]
hosts_at_once = {at_once}

[storage]
database = "sqlite:bench.db"
"""
_SOURCE = """
[[sources]]
slug = "partner-{number}"
name = "Partner {number}"
url = "{url}"
"""


class WrongPoll(Failed):
    """The polls did not end as the partners' feeds demand."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one side did: the seconds of each stage, and the most megabytes (PSS) it held in all."""

    seconds: dict[Stage, float]
    megabytes: float


class ShiftedClock(SystemClock):
    """The machine's clock, put forward on demand, so that what was polled is due again."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        """The time of day as put forward."""
        return datetime.now(UTC) + self._shift

    def put_forward(self, by: timedelta) -> None:
        """Go on from that much later."""
        self._shift += by


def comparisons(options: Options) -> Iterator[Comparison]:
    """Seconds for each stage, and memory."""
    with partners.serving(options.hosts) as upstream:
        ran = [
            (_in_process(_by_feedwright, upstream), _in_process(_by_feedparser, upstream))
            for _ in range(options.rounds)
        ]
    ours, theirs = zip(*ran, strict=True)
    for stage, told in _TOLD.items():
        yield Comparison(
            f"poll {options.hosts} hosts, {told}",
            Unit.SECONDS,
            Figures("feedwright", tuple(it.seconds[stage] for it in ours)),
            Figures("feedparser", tuple(it.seconds[stage] for it in theirs)),
        )
    yield Comparison(
        f"poll {options.hosts} hosts, memory of all processes (PSS)",
        Unit.MEGABYTES,
        Figures("feedwright", tuple(it.megabytes for it in ours)),
        Figures("feedparser", tuple(it.megabytes for it in theirs)),
    )


def _in_process(run: Callable[[Upstream], Ran], upstream: Upstream) -> Ran:
    """Run it in a fresh process, watched."""
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


def _by_feedwright(upstream: Upstream) -> Ran:
    """As the scheduler does: due hosts from the store, a thread for each of them at a time."""
    telemetry.configure("text", level=30)  # warnings
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        named = [_SOURCE.format(number=n, url=url) for n, url in enumerate(upstream.urls)]
        head = _CONFIG.format(port=upstream.port, at_once=_AT_ONCE)
        path.write_text(head + "".join(named), encoding="utf-8")
        config, clock = configuration.load(path), ShiftedClock()
        runtime.prepare(config, clock=clock)
        with runtime.opened(config, clock=clock) as held:

            def poll(stage: Stage) -> int:
                clock.put_forward(_LATER)
                return _poll(held, len(upstream.urls))

            return _stages(upstream, poll)


def _poll(held: runtime.Runtime, hosts: int) -> int:
    """Poll all that is due. Gives how many sources had something new."""
    with held.store.reading() as tx:
        due = sources.due_hosts(tx, held.clock.now(), limit=hosts)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        polled = list(
            threads.map(lambda host: ingest.poll_host(held, host, owner=tasks.owner()), due)
        )
    results = [outcome.result for outcomes in polled for outcome in outcomes]
    if len(results) != hosts or PollResult.FAILED in results:
        raise WrongPoll(
            f"{len(results)} of {hosts} were polled, {results.count(PollResult.FAILED)} in vain"
        )
    return results.count(PollResult.NEW_CONTENT)


def _by_feedparser(upstream: Upstream) -> Ran:
    """feedparser's own fetching and reading, as in its manual: conditional by the ETag it gave."""
    etags: dict[str, str] = {}

    def read(url: str) -> bool:
        found = feedparser.parse(url, etag=etags.get(url))
        etags[url] = found.get("etag", etags.get(url))
        return bool(found.entries)

    def poll(_stage: Stage) -> int:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return sum(threads.map(read, upstream.urls))

    return _stages(upstream, poll)


def _stages(upstream: Upstream, poll: Callable[[Stage], int]) -> Ran:
    """Time the three stages one after the other."""
    seconds: dict[Stage, float] = {}
    peak = Peak(os.getpid())
    with peak.watching():
        for stage in _TOLD:
            upstream.publish(stage)
            started = time.perf_counter()
            changed = poll(stage)
            seconds[stage] = time.perf_counter() - started
            if changed != upstream.changed(stage):
                raise WrongPoll(f"{changed} feeds had something new, not {upstream.changed(stage)}")
    peak.look()
    return Ran(seconds, peak.megabytes)
