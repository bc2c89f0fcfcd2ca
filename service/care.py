"""Looking after an installation: the checks of `feedwright doctor`."""

from __future__ import annotations

import os
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
    from service.model import Source

_LEAST_DISK = 0.05  # share of the disk that should be free


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
        *_database(config),
    ]


def _database(config: Config) -> Iterator[Finding]:
    store = Store(configuration.database_url(config))
    try:
        yield _disk(store.sqlite_path.parent if store.sqlite_path else config.folder)
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


def _disk(folder: Path) -> Finding:
    """How full the disk is that holds the folder, which need not be there yet."""
    place = next(it for it in (folder, *folder.parents) if os.access(it, os.F_OK))
    usage = shutil.disk_usage(place)
    free = usage.free / usage.total
    health = Health.GOOD if free >= _LEAST_DISK else Health.WARNING
    return Finding(health, "disk", f"{free:.0%} free at {place}")


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
    troubles = {it.slug: told for it in found if (told := _trouble(it))}
    for slug, told in troubles.items():
        yield Finding(Health.WARNING, f"source {slug}", told)
    polled = sum(it.state is SourceState.ACTIVE for it in found)
    yield Finding(Health.GOOD, "sources", f"{polled} polled, {len(troubles)} failing")


def _trouble(source: Source) -> str | None:
    """What is wrong with a source that should bring something."""
    if source.state is SourceState.STOPPED:
        return f"stopped: {source.last_error}"
    if source.state is not SourceState.ACTIVE or source.last_poll is None:
        return None
    if source.last_success is None:
        return f"never succeeded: {source.last_error or 'its first poll has not ended'}"
    if source.failures:
        return f"failed at its last poll: {source.last_error}"
    return None
