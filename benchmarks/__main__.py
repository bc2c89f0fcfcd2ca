"""`make bench`: run the benchmarks and print the ratios."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import documents, growth, hot, in_process, polling, results, servers, serving
from benchmarks.measuring import TOLD, Comparison, Failed, Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.results import Results


@dataclass(frozen=True, slots=True)
class Suite:
    """Some comparisons that belong together."""

    title: str
    comparisons: Callable[[Options], Iterator[Comparison]]
    drives_servers: bool = False  # needs wrk and nginx


SUITES = {
    "serving": Suite("One hot feed over HTTP", serving.comparisons, drives_servers=True),
    "hot": Suite("Many hot feeds while articles are written", hot.comparisons, drives_servers=True),
    "polling": Suite("Polling", polling.comparisons),
    "front": Suite("Answers from memory, in process", in_process.comparisons),
    "growth": Suite("Feeds of a large archive", growth.comparisons),
    "documents": Suite("Reading and writing documents", documents.comparisons),
}
_HELP = {
    "rounds": "rounds of each side, in turn",
    "seconds": "seconds of load in a round",
    "workers": "web processes, and nginx's",
    "threads": "threads in each web process",
    "articles": "articles of the suite hot",
    "feeds": "feeds asked for in the suite hot",
    "writes": "articles written a second in the suite hot",
    "hosts": "hosts of the suite polling",
    "entries": "entries of 3 kB in each of their feeds",
    "sources": "sources whose schedule is timed in the suite polling",
    "archive": "articles of the suite growth, on SQLite",
    "archive_before": "articles that its growth is told by",
    "archive_postgresql": "articles beside on PostgreSQL; 0 for none",
    "archives": "folder that keeps these archives for later runs",
}
_WIDTH = 160  # columns of the table, also where it goes to a file
_EXAMPLES = """examples:
  make bench
  python -m benchmarks --only serving --rounds 3 --seconds 2
  python -m benchmarks --only hot --feeds 1000 --articles 2000
  python -m benchmarks --only polling --hosts 100 --rounds 1 --json
  python -m benchmarks --write       (keeps the results in results.json and RESULTS.md)
"""


def main() -> None:
    """Run the suites asked for."""
    parser = _parser()
    asked = vars(parser.parse_args())
    options = Options(**{it.name: asked[it.name] for it in fields(Options)})
    found = [_run(name, options) for name in _runnable(asked["only"] or list(SUITES))]
    if asked["write"]:
        results.keep(found)
    if asked["json"]:
        print(json.dumps([it.as_json() for it in found], indent=2, ensure_ascii=False))
    else:
        _show(found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks",
        description="Measure feedwright against others, in the same run.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=SUITES, help="one suite; may be repeated"
    )
    for it in fields(Options):
        kind = type(it.default)
        parser.add_argument(
            f"--{it.name.replace('_', '-')}",
            type=kind,
            default=it.default,
            help=f"{_HELP[it.name]} ({it.default or 'none'})",
        )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="write results.json and RESULTS.md")
    return parser


def _runnable(names: list[str]) -> list[str]:
    """The suites whose programs are installed; of the others it is told what is lacking."""
    lacking = servers.lacking()
    passed_over = [name for name in names if lacking and SUITES[name].drives_servers]
    if passed_over:
        TOLD.print(
            f"{' and '.join(passed_over)} left out, for want of {' and '.join(lacking)}:"
            f" apt-get install {' '.join(lacking)}"
        )
    return [name for name in names if name not in passed_over]


def _run(name: str, options: Options) -> Results:
    suite = SUITES[name]
    with TOLD.status(f"Measuring: {suite.title}"):
        try:
            found = list(suite.comparisons(options))
        except Failed as failed:
            raise SystemExit(f"{name}: {failed}") from failed
    return results.results(name, suite.title, options, found)


def _show(found: list[Results]) -> None:
    table = Table(*results.HEADER, box=None, pad_edge=False)
    for result in found:
        for it in result.comparisons:
            table.add_row(*(part.replace("**", "") for part in results.row(it)))
    Console(width=max(Console().width, _WIDTH)).print(table)


if __name__ == "__main__":  # spawned processes import this module, too
    main()
