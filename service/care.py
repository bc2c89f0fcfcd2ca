"""Looking after an installation: the checks of `feedwright doctor`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service import config as configuration
from service import store as storage
from service.errors import ServiceError
from service.model import SourceState
from service.store import Store, sources
from service.store.database import sqlite_is_sound, sqlite_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.config import Config

_LEAST_DISK = 0.05  # share of the disk that should be free
_MANY_FAILURES = 3


class Health(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    health: Health
    about: str
    told: str


def examine(path: Path) -> list[Finding]:
    """Look at settings, database, disk and sources; what cannot be looked at any more is left out."""
    problems = configuration.check(path)
    if problems:
        return [Finding(Health.BAD, "settings", str(problem)) for problem in problems]
    config = configuration.load(path)
    return [
        Finding(Health.GOOD, "settings", f"{path} is fine"),
        _disk(config),
        *_database(config),
    ]


def _disk(config: Config) -> Finding:
    usage = shutil.disk_usage(config.folder)
    free = usage.free / usage.total
    health = Health.GOOD if free >= _LEAST_DISK else Health.WARNING
    return Finding(health, "disk", f"{free:.0%} free at {config.folder}")


def _database(config: Config) -> Iterator[Finding]:
    store = Store(configuration.database_url(config))
    try:
        yield _engine(store)
        if store.is_empty():
            yield Finding(Health.WARNING, "database", "empty; the first start makes its tables")
            return
        storage.check(store)
        yield Finding(Health.GOOD, "database", "has this release's schema")
        yield from _sources(store)
    except ServiceError as error:
        yield Finding(Health.BAD, "database", str(error))
    finally:
        store.close()


def _engine(store: Store) -> Finding:
    if store.is_sqlite and not sqlite_is_sound(sqlite_module().sqlite_version_info):
        return Finding(
            Health.BAD,
            "engine",
            f"{store.version()} can lose a write-ahead log; install pysqlite3 0.6.1 or newer",
        )
    return Finding(Health.GOOD, "engine", store.version())


def _sources(store: Store) -> Iterator[Finding]:
    with store.reading() as tx:
        found = sources.listed(tx)
    for it in found:
        if it.state is SourceState.STOPPED:
            yield Finding(Health.WARNING, f"source {it.slug}", f"stopped: {it.last_error}")
        elif it.failures >= _MANY_FAILURES:
            told = f"failed {it.failures} times in a row: {it.last_error}"
            yield Finding(Health.WARNING, f"source {it.slug}", told)
    active = sum(it.state is SourceState.ACTIVE for it in found)
    yield Finding(Health.GOOD, "sources", f"{active} of {len(found)} are polled")
