"""Licenses that end: from the end of their last day on, less of their articles may leave.

Nothing is committed at that moment by itself, so whoever first sees it past writes it down, as a change of
everything: caches and readers then learn of it as of any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import terms
from service.model import EVERYTHING
from service.store import changelog, meta, refiling, rescheduling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.config import Config
    from service.runtime import Runtime
    from service.store import Transaction

_BATCH = 200  # articles of one transaction


def next_change(config: Config, tx: Transaction, now: datetime) -> datetime | None:
    """When a license next ends; one whose end is not written down yet counts with its past moment."""
    missed = (moment for _, moment in _missed(config, tx, now))
    return min(missed, default=terms.next_end(config, now))


def settle(config: Config, tx: Transaction, now: datetime) -> int:
    """Write down the ends that are past. Gives how many there were."""
    missed = list(_missed(config, tx, now))
    for key, _ in missed:
        meta.note(tx, key)
    if missed:
        meta.offer(tx, terms.republishable(config, now))
        changelog.append(tx, [EVERYTHING], now)
    return len(missed)


def refile(runtime: Runtime) -> None:
    """File articles anew under the licenses that hold, where the settings have others hold than before.

    Raises:
        StoreError: The database cannot be used.
    """
    with runtime.store.reading() as tx:  # so that the writer is not disturbed for nothing
        more = refiling.is_due(tx)
    while more and not runtime.stopping.is_set():
        with runtime.store.writing() as tx:
            more = refiling.refile(tx, runtime.clock.now(), limit=_BATCH)


def reschedule(runtime: Runtime) -> None:
    """Move the releases of articles that wait, where the settings have their sources wait longer or shorter.

    Raises:
        StoreError: The database cannot be used.
    """
    with runtime.store.reading() as tx:
        more = rescheduling.is_due(tx)
    while more and not runtime.stopping.is_set():
        with runtime.store.writing() as tx:
            more = rescheduling.reschedule(tx, runtime.clock.now(), limit=_BATCH)


def _missed(config: Config, tx: Transaction, now: datetime) -> Iterator[tuple[str, datetime]]:
    for name, license_ in config.licenses.items():
        end = terms.end(config, license_)
        key = f"license_ended {name} {license_.valid_until}"
        if end is not None and end <= now and not meta.noted(tx, key):
            yield key, end
