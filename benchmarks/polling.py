"""Polling many hosts: the first time, when nothing is new, and when a tenth is; against other readers.

All ask as many hosts at once, from processes of their own, ours by the command that an operator types.
`reader` keeps what it reads in SQLite as we do; feedparser only reads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from benchmarks import scheduling
from benchmarks import upstream as partners
from benchmarks.measuring import TOLD, Comparison, Failed, Figures, Unit
from benchmarks.others import by_feedparser, by_reader
from benchmarks.polled import AT_ONCE, Ran, Seen, in_process, stages
from benchmarks.processes import Peak
from benchmarks.upstream import Stage
from service import config as configuration
from service import runtime
from service.model import PollResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.measuring import Options
    from benchmarks.upstream import Upstream

_MOST_MEGABYTES = 400
_HOSTS, _ENTRIES = 1000, 30  # that the limits on seconds are for: fewer are told without them
_GAP = 1.1  # seconds, in which a host is not asked again
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


@dataclass(frozen=True, slots=True)
class _Target:
    """A stage: how it is told, and the seconds that it may take at full size."""

    told: str
    most: float
    least: float | None = None  # times as fast as `reader`


_TARGETS = {
    Stage.FIRST: _Target("the first time", 12, least=2.8),
    Stage.SAME: _Target("nothing new (304)", 1.2),
    Stage.CHANGED: _Target("a tenth changed", 2.5),
}


def comparisons(options: Options) -> Iterator[Comparison]:
    """Seconds for each stage, and memory; then what scheduling costs, without asking anybody."""
    sides: dict[str, Callable[[Upstream], Ran]] = {
        "feedwright": _by_feedwright,
        "reader": partial(in_process, by_reader),
        "feedparser": partial(in_process, by_feedparser),
    }
    with partners.serving(options.hosts, options.entries) as upstream:
        ran = _in_turn(sides, upstream, options.rounds)
    is_full = options.hosts >= _HOSTS and options.entries >= _ENTRIES
    what = f"poll {options.hosts} hosts with {options.hosts * options.entries} entries"
    for stage, target in _TARGETS.items():
        ours, *others = (
            Figures(name, tuple(it.seconds[stage] for it in found)) for name, found in ran.items()
        )
        told = f"{what}, {target.told}"
        yield Comparison(told, Unit.SECONDS, ours, most=target.most if is_full else None)
        for theirs in others:
            least = target.least if theirs.name == "reader" else None
            yield Comparison(told, Unit.SECONDS, ours, theirs, least=least)
    memory = tuple(it.megabytes for it in ran["feedwright"])
    yield Comparison(
        f"{what}, memory of all processes (PSS)",
        Unit.MEGABYTES,
        Figures("feedwright", memory),
        most=_MOST_MEGABYTES,
    )
    yield from scheduling.comparisons(options)


def _in_turn(
    sides: dict[str, Callable[[Upstream], Ran]], upstream: Upstream, rounds: int
) -> dict[str, Sequence[Ran]]:
    found: dict[str, list[Ran]] = {name: [] for name in sides}
    with Progress(console=TOLD, transient=True) as progress:
        task = progress.add_task("Polling", total=rounds * len(sides))
        for number in range(rounds):
            for name, run in sides.items():
                progress.update(task, description=f"Round {number + 1}: {name}")
                found[name].append(run(upstream))
                progress.advance(task)
    return dict(found)


def _by_feedwright(upstream: Upstream) -> Ran:
    """As an operator does: `feedwright poll --all`, on a database that has its tables and sources."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        named = [_SOURCE.format(number=n, url=url) for n, url in enumerate(upstream.urls)]
        head = _CONFIG.format(port=upstream.port, at_once=AT_ONCE)
        path.write_text(head + "".join(named), encoding="utf-8")
        runtime.prepare(configuration.load(path))
        return stages(upstream, partial(_poll, path))


def _poll(path: Path, _stage: Stage) -> Seen:
    time.sleep(_GAP)
    command = [sys.executable, "-m", "service.cli", "--config", str(path)]
    command += ["poll", "--all", "--json"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        peak = Peak(process.pid)
        with peak.watching():
            told, _ = process.communicate()
        seconds = time.perf_counter() - started
    if process.returncode:
        raise Failed(f"feedwright poll ended with {process.returncode}")
    outcomes = json.loads(told)
    news = sum(it["result"] == PollResult.NEW_CONTENT.value for it in outcomes)
    entries = sum(it["imported"] for it in outcomes)
    return Seen(news, entries, seconds, peak.megabytes)
