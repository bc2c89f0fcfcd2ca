"""How a benchmark is timed: rounds in turn, so that a busy machine troubles both sides alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    """The median times of two ways to do a thing, in milliseconds."""

    what: str
    ours: float
    against: str
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.theirs / self.ours


def compare(
    what: str, ours: Callable[[], object], against: str, theirs: Callable[[], object], *, times: int
) -> Comparison:
    """Time both in turn, `times` calls a round."""
    measured = [(_timed(ours, times), _timed(theirs, times)) for _ in range(ROUNDS)]
    mine, others = (statistics.median(side) for side in zip(*measured, strict=True))
    return Comparison(what, mine, against, others)


def _timed(call: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) / times * 1000
