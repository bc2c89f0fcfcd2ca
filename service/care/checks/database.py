"""The database: its engine, schema, soundness and size, and the settings that are in force in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service import runtime as running
from service.care.findings import bad, good, warning
from service.care.readiness import BEAT_SECONDS, MISSED_BEATS
from service.store import beats, counts, settings, soundness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.care.findings import Finding
    from service.config import Config
    from service.store import Store, Transaction

_MOST_LOG = 256 * 1024 * 1024  # bytes of write-ahead log
_MOST_SKEW = 5  # seconds
_LONGEST_LEASE = timedelta(hours=1)
_MEBI = 1024 * 1024


def examined(config: Config, store: Store, *, deep: bool) -> Iterator[Finding]:
    """Everything in a database of this release's schema, but what came of the sources."""
    with store.reading() as tx:
        yield from _sound(store, tx, deep=deep)
        yield _size(store, tx)
        yield _in_force(config, tx)
        yield from _waiting(config, tx)
        yield _scheduler(tx)
        yield _clock(tx)
        yield _leases(tx)


def _sound(store: Store, tx: Transaction, *, deep: bool) -> Iterator[Finding]:
    found = soundness.faults(tx, deep=deep)
    for fault in found:
        yield bad("soundness", f"{store}: {fault}", "stop the service and restore a backup")
    if not found:
        thoroughly = "" if deep or not store.is_sqlite else " (--deep looks at every page)"
        yield good("soundness", f"no fault found{thoroughly}")


def _size(store: Store, tx: Transaction) -> Finding:
    size = counts.size(store, tx)
    told = f"{size.database / _MEBI:.1f} MiB"
    if size.log is None:
        return good("size", told)
    told = f"{told}, write-ahead log {size.log / _MEBI:.1f} MiB"
    if size.log <= _MOST_LOG:
        return good("size", told)
    return warning("size", told, "end what keeps reading it, or restart the service")


def _in_force(config: Config, tx: Transaction) -> Finding:
    found = settings.in_force(tx)
    if found is None:
        return good("settings in force", "none yet; the first start puts these in force")
    since = f"since {found.at:%Y-%m-%d %H:%M:%S} UTC"
    if found.maker.rpartition(" ")[2] == running.whole(tx, config).digest:
        return good("settings in force", f"those of {config.file}, {since}")
    told = f"others than those of {config.file}, {since}"
    return warning("settings in force", told, "wait for the reload, or start `feedwright serve`")


def _waiting(config: Config, tx: Transaction) -> Iterator[Finding]:
    for it in running.waiting(tx, config):
        yield warning(
            "setting that waits", str(it), "restart the service: it counts from its start"
        )


def _scheduler(tx: Transaction) -> Finding:
    age = beats.age(tx, beats.SCHEDULER)
    if age is None:
        return good("scheduler", "it has never been at work; `feedwright serve` starts it")
    told = f"last beat {age.total_seconds():.0f} s ago"
    if age < timedelta(seconds=MISSED_BEATS * BEAT_SECONDS):
        return good("scheduler", told)
    return warning("scheduler", told, "start `feedwright serve`, or see its log for why it stands")


def _clock(tx: Transaction) -> Finding:
    ours = datetime.now(UTC).timestamp()
    skew = ours - soundness.clock(tx) / 1_000_000
    if abs(skew) <= _MOST_SKEW:
        return good("clock", f"within {_MOST_SKEW} s of the database's")
    told = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the database's"
    return warning("clock", told, "set both by NTP: leases end by one, releases come by the other")


def _leases(tx: Transaction) -> Finding:
    hosts = counts.overlong_leases(tx, longest=_LONGEST_LEASE)
    if not hosts:
        left = counts.abandoned_leases(tx)
        return good("leases", f"{left} left behind and free again" if left else "none left behind")
    told = f"held beyond an hour from now: {', '.join(hosts[:5])}; a clock was turned back"
    return warning("leases", told, "stop the service, set the clock, and wait that long")
