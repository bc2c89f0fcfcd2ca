"""The committed results: results.json for machines, RESULTS.md made of it for people."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Comparison, Options, Unit
from service.store.sqlite import sqlite_module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measuring import Figures

FILE = Path(__file__).with_name("results.json")
PAGE = Path(__file__).with_name("RESULTS.md")
_LIBRARIES = ("feedwright", "granian", "flask", "feedgen", "feedparser", "lxml", "sqlalchemy")
HEADER = (
    "what",
    "feedwright",
    "p50, p99 ms",
    "against",
    "",
    "p50, p99 ms",
    "times as good",
    "target",
)
_HEAD = """# Benchmark results

Made by `python -m benchmarks --write`; README.md tells what is measured and how. Figures are medians of
the rounds, ours and the other's in turn; "times as good" is above 1 where ours is the better.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """What one suite found, where, when and how."""

    suite: str
    title: str
    date: str  # of its end, ISO 8601 in UTC
    machine: dict[str, Any]
    options: dict[str, Any]
    comparisons: tuple[Comparison, ...]
    note: str = ""  # by hand, on what no suite measures; it stays when the suite runs again

    def as_json(self) -> dict[str, Any]:
        """The results for machines."""
        return asdict(self) | {"comparisons": [it.as_json() for it in self.comparisons]}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Results:
        """What as_json() gave."""
        found = tuple(Comparison.of_json(it) for it in told["comparisons"])
        return cls(**told | {"comparisons": found})


def results(suite: str, title: str, options: Options, comparisons: Sequence[Comparison]) -> Results:
    """The results of a suite that has just ended."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    asked = asdict(options)
    del asked["archives"]  # a folder of this machine
    return Results(suite, title, now, machine(), asked, tuple(comparisons))


def machine() -> dict[str, Any]:
    """What was measured on."""
    found = {it: version(it) for it in _LIBRARIES}
    found |= {"python": platform.python_version(), "sqlite": sqlite_module().sqlite_version}
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx:
        said = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
        found["nginx"] = said.strip().rpartition("/")[2]
    return {
        "processor": _found_in("/proc/cpuinfo", r"model name\s*: (.+)") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(_found_in("/proc/meminfo", r"MemTotal: +(\d+)") or 0) / 1e6, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[1], 1),  # of the five minutes before the end
        "versions": found,
    }


def _found_in(file: str, pattern: str) -> str | None:
    match = re.search(pattern, Path(file).read_text(encoding="utf-8"))
    return match[1] if match else None


def keep(found: Sequence[Results]) -> None:
    """Write both files; suites that did not run stay as they were."""
    before = {it.suite: it for it in _kept()}
    noted = {it.suite: it.note for it in before.values()}
    kept = before | {it.suite: replace(it, note=noted.get(it.suite, "")) for it in found}
    told = [it.as_json() for it in kept.values()]
    FILE.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(list(kept.values())), encoding="utf-8")


def _kept() -> list[Results]:
    if not FILE.exists():
        return []
    return [Results.of_json(it) for it in json.loads(FILE.read_text(encoding="utf-8"))]


def page(found: Sequence[Results]) -> str:
    """The results as Markdown."""
    return "\n".join([_HEAD, *(_chapter(it) for it in found)])


def _chapter(it: Results) -> str:
    lines = [f"## {it.title}", "", _told_machine(it), ""]
    lines += [f"| {' | '.join(HEADER)} |", "|---" * len(HEADER) + "|"]
    lines += [f"| {' | '.join(row(found))} |" for found in it.comparisons]
    noted = ["", it.note] if it.note else []
    return "\n".join([*lines, *noted, ""])


def _told_machine(it: Results) -> str:
    told = it.machine
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    load = f", load {told['load']}" if "load" in told else ""
    return (
        f"{it.date[:10]}, {told['processor']}, {told['cores']} cores, {told['memory_gb']} GB,"
        f" {told['system']}{load}; {it.options['rounds']} rounds; {versions}."
    )


def row(it: Comparison) -> list[str]:
    """A comparison in words, a cell for each of HEADER."""
    theirs = [it.theirs.name, *_cells(it.theirs, it.unit)] if it.theirs else ["", "", ""]
    ratio = "" if it.ratio is None else f"{it.ratio:.2f}"
    outcome = {None: "", True: ", met", False: ", **missed**"}[it.met]
    return [it.what, *_cells(it.ours, it.unit), *theirs, ratio, it.target + outcome]


def _cells(it: Figures, unit: Unit) -> list[str]:
    """The median with its unit, and the latencies where they were measured."""
    digits = {Unit.MILLISECONDS: 3, Unit.SECONDS: 2}.get(unit, 0)
    latency = f"{it.p50:.1f}, {it.p99:.1f}" if it.p50 is not None and it.p99 is not None else ""
    return [f"{it.median:,.{digits}f} {unit.value}", latency]
