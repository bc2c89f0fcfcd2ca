"""What a feed costs as the archive grows: selections and searches, rendered from the database alone."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec.structs import replace

from benchmarks import stock
from benchmarks.archive import Archive
from benchmarks.measuring import Comparison, Figures, Options, Unit
from feeds.model import Format
from service import newsroom, publish
from service import runtime as running
from service.model import Selection, Term
from service.store.schema import articles
from service.written import Written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.config import Config
    from service.runtime import Runtime

_SELECTIONS = 300
_SAVED = 20  # articles
_MEDIAN, _P99, _WORST, _SEARCH = 25, 100, 300, 100  # milliseconds
_GROWTH = 1.5
_COMPUTED = f"{_SELECTIONS} selections, mean CPU time of the process that makes them"
_EIGHT = tuple(f"theme-{n}" for n in (0, 1, 2, 3, 4, 5, 6, 7))


@dataclass(frozen=True, slots=True)
class _Measured:
    """Milliseconds, by what was done, in every round."""

    name: str
    found: dict[str, list[float]]

    def figures(self, what: str) -> Figures:
        """Those of one thing."""
        return Figures(self.name, tuple(self.found[what]))


def comparisons(options: Options) -> Iterator[Comparison]:
    """A large archive on SQLite with its limits, PostgreSQL beside, and a small one to tell the growth by."""
    large, small = Archive(size=options.archive), Archive(size=options.archive_before)
    with stock.held(options) as folder:
        ours = _measured(stock.on_sqlite(folder, options, large), large, options)
        before = _measured(stock.on_sqlite(folder, options, small), small, options)
        beside = _beside(folder, options) if options.archive_postgresql else None
    for what, most in _LIMITS.items():
        theirs = beside.figures(what) if beside else None
        yield Comparison(what, Unit.MILLISECONDS, ours.figures(what), theirs, most=most)
    for what in ("single selections, median", "saving an article"):
        least = 1 / _GROWTH if what.startswith("single") else None
        yield Comparison(
            f"{what}: growth",
            Unit.MILLISECONDS,
            ours.figures(what),
            before.figures(what),
            least=least,
        )


_NAMED = {
    "two large disjoint halves": Selection(
        (Term("theme", ("theme-0",)), Term("theme", ("theme-1",)))
    ),
    "X without X": Selection(
        (Term("theme", ("theme-0",)), Term("theme", ("theme-0",), negated=True))
    ),
    "an OR of the 8 largest": Selection((Term("theme", _EIGHT),)),
}
_SEARCHES = {
    "search for a rare word": Selection(query="rare7"),
    "search for a common word": Selection(query="common"),
    "search for a common without a rare word": Selection(query="common -rare7"),
}
_LIMITS: dict[str, float | None] = {
    f"{_SELECTIONS} selections, median": _MEDIAN,
    f"{_SELECTIONS} selections, 99th percentile": _P99,
    _COMPUTED: None,
    **dict.fromkeys(_NAMED, _WORST),
    **dict.fromkeys(_SEARCHES, _SEARCH),
    "single selections, median": None,
    "saving an article": None,
}


def _beside(folder: Path, options: Options) -> _Measured:
    archive = Archive(size=options.archive_postgresql)
    with stock.on_postgresql(folder, options, archive) as config:
        return _measured(config, archive, options)


def _measured(config: Config, archive: Archive, options: Options) -> _Measured:
    with running.opened(config) as held:
        engine = "SQLite" if held.store.is_sqlite else "PostgreSQL"
        found = measured(held, archive, options.rounds)
    return _Measured(f"{engine}, {archive.size:,} articles", found)


def measured(runtime: Runtime, archive: Archive, rounds: int) -> dict[str, list[float]]:
    """Milliseconds for each thing in every round."""
    selections = archive.selections(_SELECTIONS)
    found: dict[str, list[float]] = {what: [] for what in _LIMITS}
    for _ in range(rounds):
        computed = time.process_time()
        times = [_rendered(runtime, it) for it in selections]
        computed = time.process_time() - computed
        found[_COMPUTED].append(computed * 1000 / _SELECTIONS)
        single = times[::4]
        found[f"{_SELECTIONS} selections, median"].append(statistics.median(times))
        found[f"{_SELECTIONS} selections, 99th percentile"].append(
            statistics.quantiles(times, n=100)[-1]
        )
        found["single selections, median"].append(statistics.median(single))
        for what, selection in (_NAMED | _SEARCHES).items():
            found[what].append(_rendered(runtime, selection))
        found["saving an article"].append(_saved(runtime, archive))
    return found


def _rendered(runtime: Runtime, selection: Selection) -> float:
    """With nothing kept of what was written before."""
    cold = replace(runtime, written=Written())
    started = time.perf_counter()
    publish.rendered(cold, selection, Format.ATOM)
    return (time.perf_counter() - started) * 1000


def _saved(runtime: Runtime, archive: Archive) -> float:
    """A kept archive grows by what earlier runs saved."""
    with runtime.store.reading() as tx:
        first = tx.execute(sa.select(sa.func.max(articles.c.id))).scalar_one()
    drafts = [archive.article(it) for it in range(first, first + _SAVED)]
    started = time.perf_counter()
    for draft in drafts:
        newsroom.write(runtime, draft)
    return (time.perf_counter() - started) * 1000 / _SAVED
