"""What it costs to find the hosts that are due and to claim them, as sources grow in number."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Comparison, Figures, Unit
from service.store import leases, migrating, sources
from service.store.database import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measuring import Options

_FEWER = 10  # times
_LEASE = timedelta(minutes=2)
_LEAST = 0.8  # linear, and some room for chance


def comparisons(options: Options) -> Iterator[Comparison]:
    """Milliseconds of processor time a source with all of them, against a tenth of them."""
    many, few = options.sources, options.sources // _FEWER
    rounds = [(_a_source(many), _a_source(few)) for _ in range(options.rounds)]
    ours, fewer = zip(*rounds, strict=True)
    yield Comparison(
        "find what is due, claim it and give it back, processor time a source",
        Unit.MILLISECONDS,
        Figures(f"{many} sources", ours),
        Figures(f"{few} sources", fewer),
        least=_LEAST,
    )


def _a_source(number: int) -> float:
    now = datetime.now(UTC)
    declared = [(f"s-{n}", f"Source {n}", f"https://s-{n}.example/", False) for n in range(number)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:{Path(folder, 'schedule.db')}")
        try:
            migrating.upgrade(store)
            with store.writing() as tx:
                sources.declare(tx, declared, now)
            started = time.process_time()
            _claim_all(store, number, now)
            return (time.process_time() - started) / number * 1000
        finally:
            store.close()


def _claim_all(store: Store, number: int, now: datetime) -> None:
    with store.reading() as tx:
        due = sources.due_hosts(tx, now, limit=number)
    for host in due:
        with store.writing() as tx:
            lease = leases.claim(tx, host, owner="bench", now=now, lasting=_LEASE)
            if lease is not None:
                leases.release(tx, lease, not_before=now + _LEASE)
