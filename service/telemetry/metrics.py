"""What is counted and measured: every name and label in one table.

No label takes a URL, a text or a number from outside, so their combinations stay few. Each process writes its
numbers into a file of a folder that they share, so those of a process that died are not lost.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)  # seconds
_SIZES = (1_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000)  # bytes

# --- counted where it happens; Prometheus adds _total to counters ----------------------------------

ANSWERS = Counter(
    "feedwright_answers",
    "Answers of the web processes: from memory whole or unchanged (304), rendered, or passed to Flask.",
    ["kind"],
)
REQUESTS = Counter(
    "feedwright_requests", "Requests that Flask answered, by route and status.", ["route", "status"]
)
RENDER_SECONDS = Histogram(
    "feedwright_render_seconds", "Time to make a feed, its query included.", ["format"],
    buckets=_QUICK,
)  # fmt: skip
ARTICLES_LEFT_OUT = Counter(
    "feedwright_articles_left_out", "Articles that could not be shown in a feed, which went on."
)
POLLS = Counter("feedwright_polls", "Polls that came to an end, by result.", ["result"])
FETCH_SECONDS = Histogram(
    "feedwright_fetch_seconds", "Time that a partner's server took to answer.", buckets=_SLOW
)
FETCH_BYTES = Histogram(
    "feedwright_fetch_bytes", "Size of answers on the wire.", buckets=_SIZES
)  # fmt: skip
ENTRIES = Counter("feedwright_entries", "Entries that polls brought, by verdict.", ["verdict"])
PARSE_SECONDS = Histogram(
    "feedwright_parse_seconds", "Time to read a document, its wait for a process included.",
    buckets=_QUICK,
)  # fmt: skip
PARSES_KILLED = Counter(
    "feedwright_parses_killed",
    "Documents that took too much time or memory, or ended their reader.",
)
READERS_OVERLOOKED = Counter(
    "feedwright_readers_overlooked",
    "Looks at who reads that found more requests than are kept between two looks.",
)
STORE_BUSY = Counter(
    "feedwright_store_busy", "Transactions given up because the database stayed locked."
)
LEASES_LOST = Counter(
    "feedwright_leases_lost", "Polls broken off because another process held the host."
)
SETTINGS_REFUSED = Counter(
    "feedwright_settings_refused", "Reloads of config.toml refused because it cannot be used."
)
TASK_FAILURES = Counter(
    "feedwright_task_failures", "Runs of the scheduler's tasks that broke, by task.", ["task"]
)


# --- looked up when asked ---------------------------------------------------------------------------


class Gauge(NamedTuple):
    """A number that is looked up whenever metrics are asked for."""

    name: str
    told: str
    labels: tuple[str, ...] = ()


BUILD = Gauge("feedwright_build_info", "1, with release and engine.", ("version", "engine"))
DATABASE_UP = Gauge("feedwright_database_up", "Whether the database answers: 1 or 0.")
SOURCES = Gauge("feedwright_sources", "Sources by state.", ("state",))
SOURCES_FAILING = Gauge("feedwright_sources_failing", "Active sources whose last poll failed.")
OVERDUE_SECONDS = Gauge(
    "feedwright_overdue_seconds", "How long the longest waiting source is overdue."
)
ARTICLES = Gauge("feedwright_articles", "Articles by status.", ("status",))
BEAT_AGE_SECONDS = Gauge("feedwright_beat_age_seconds", "Time since the scheduler's last beat.")
DATABASE_BYTES = Gauge("feedwright_database_bytes", "Size of the database.")
WAL_BYTES = Gauge("feedwright_wal_bytes", "Size of SQLite's write-ahead log.")
CHANGE = Gauge("feedwright_change_number", "Number of the newest change.")
SETTINGS_SINCE = Gauge(
    "feedwright_settings_since_seconds", "Unix time since when the settings are in force."
)

Sample = tuple[Gauge, tuple[str, ...], float]  # a gauge, the values of its labels, the number


def polled(result: str, *, seconds: float, size: int, verdicts: Mapping[str, int]) -> None:
    """Count a poll that came to an end; `size` in bytes on the wire."""
    POLLS.labels(result).inc()
    FETCH_SECONDS.observe(seconds)
    FETCH_BYTES.observe(size)
    for verdict, number in verdicts.items():
        entries = _entries(verdict)  # and so there is one of each verdict from the first poll on
        if number:
            entries.inc(number)


@cache
def _entries(verdict: str) -> Counter:
    return ENTRIES.labels(verdict)


@contextmanager
def followed(tallies: Callable[[], Mapping[str, int]], *, every: float = 1.0) -> Iterator[None]:
    """Add to ANSWERS what these tallies grow by, every so many seconds and once more at the end."""
    before: dict[str, int] = {}
    ending = threading.Event()

    def add() -> None:
        for kind, number in tallies().items():
            ANSWERS.labels(kind).inc(number - before.get(kind, 0))
            before[kind] = number

    def follow() -> None:
        while not ending.wait(every):
            add()

    thread = threading.Thread(target=follow, name="tallies", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        add()
