"""`make bench`: run every benchmark and print the ratios; `--json` prints them for machines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import documents, serving


def main() -> None:
    """Run them all."""
    suites = (documents.comparisons, serving.comparisons)
    quiet = Console(stderr=True)
    found = [
        it for suite in track(suites, "Measuring", console=quiet, transient=True) for it in suite()
    ]
    if "--json" in sys.argv[1:]:
        print(json.dumps([asdict(it) | {"ratio": it.ratio} for it in found], indent=2))
        return
    table = Table("what", "ms", "against", "ms", "times as fast", box=None, pad_edge=False)
    for it in found:
        table.add_row(it.what, f"{it.ours:.3f}", it.against, f"{it.theirs:.3f}", f"{it.ratio:.2f}")
    Console().print(table)


main()
