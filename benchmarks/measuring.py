"""What a benchmark finds, and how it is timed: rounds in turn, so that a busy machine troubles all alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.wrk import Load


TOLD = Console(stderr=True)  # where it is told how far a benchmark is


class Failed(Exception):
    """What was timed, or was to be timed, is not what was meant."""


class Unit(StrEnum):
    """What a figure counts."""

    MILLISECONDS = "ms"
    SECONDS = "s"
    MEGABYTES = "MB"  # a million bytes
    PER_SECOND = "requests/s"

    @property
    def more_is_better(self) -> bool:
        """Whether a larger figure is the better one."""
        return self is Unit.PER_SECOND


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured."""

    rounds: int = 5
    seconds: float = 3.0  # of load in a round
    workers: int = 2  # web processes, and nginx's
    threads: int = 4  # in each of ours
    articles: int = 10_000
    feeds: int = 10_000  # asked for by turns in the suite "hot"
    writes: float = 10  # articles a second, there
    hosts: int = 1000  # in the suite "polling"
    entries: int = 30  # of 3 kB in each of their feeds
    sources: int = 20_000  # that are scheduled and claimed there, without being asked
    archive: int = 1_000_000  # articles of the suite "growth"
    archive_before: int = 100_000  # what its growth is told by
    archive_postgresql: int = 1_000_000  # beside; 0 for none
    archives: str = ""  # folder that keeps them; none is kept without


@dataclass(frozen=True, slots=True)
class Figures:
    """What one side did in each round."""

    name: str
    rounds: tuple[float, ...]
    p50: float | None = (
        None  # milliseconds until half of the answers were there; median of the rounds
    )
    p99: float | None = None

    @property
    def median(self) -> float:
        """The figure in the middle."""
        return statistics.median(self.rounds)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing done by us and by somebody else; or by us alone, held against a limit."""

    what: str
    unit: Unit
    ours: Figures
    theirs: Figures | None = None
    least: float | None = None  # the ratio that is wanted
    most: float | None = None  # the figure that ours has to stay below

    @property
    def ratio(self) -> float | None:
        """How many times as good ours is."""
        if self.theirs is None:
            return None
        ours, theirs = self.ours.median, self.theirs.median
        return ours / theirs if self.unit.more_is_better else theirs / ours

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.least is not None and self.ratio is not None:
            return self.ratio >= self.least
        return None if self.most is None else self.ours.median < self.most

    @property
    def target(self) -> str:
        """The target in words; empty where there is none."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"< {self.most:g} {self.unit.value}"

    def as_json(self) -> dict[str, Any]:
        """The comparison for machines."""
        return {
            "what": self.what,
            "unit": self.unit.value,
            "ours": _figures(self.ours),
            "theirs": _figures(self.theirs) if self.theirs else None,
            "ratio": _rounded(self.ratio),
            "least": self.least,
            "most": self.most,
            "met": self.met,
        }

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Comparison:
        """What as_json() gave."""
        return cls(
            told["what"],
            Unit(told["unit"]),
            _of_figures(told["ours"]),
            _of_figures(told["theirs"]) if told["theirs"] else None,
            told["least"],
            told["most"],
        )


def _figures(side: Figures) -> dict[str, Any]:
    return {
        "name": side.name,
        "median": _rounded(side.median),
        "rounds": [_rounded(it) for it in side.rounds],
        "p50": _rounded(side.p50),
        "p99": _rounded(side.p99),
    }


def _of_figures(told: dict[str, Any]) -> Figures:
    return Figures(told["name"], tuple(told["rounds"]), told["p50"], told["p99"])


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def of_loads(name: str, loads: Sequence[Load]) -> Figures:
    """The figures of one side under load."""
    return Figures(
        name,
        tuple(it.per_second for it in loads),
        statistics.median(it.p50 for it in loads),
        statistics.median(it.p99 for it in loads),
    )


def compare(
    options: Options,
    what: str,
    ours: Callable[[], object],
    against: str,
    theirs: Callable[[], object],
    *,
    times: int,
) -> Comparison:
    """Time both in turn, `times` calls a round."""
    measured = [(_timed(ours, times), _timed(theirs, times)) for _ in range(options.rounds)]
    mine, others = zip(*measured, strict=True)
    return Comparison(
        what, Unit.MILLISECONDS, Figures("feedwright", mine), Figures(against, others)
    )


def _timed(call: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) / times * 1000
