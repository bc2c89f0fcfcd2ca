"""`feedwright doctor`: looks at the whole installation, and tells how to mend what is wrong."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service import config as configuration
from service import store as storage
from service.care.checks import database, gallery, machine, sources
from service.care.findings import bad, good, warning
from service.errors import ServiceError, StoreAhead, StoreBehind, StoreDamaged
from service.store import Store
from service.telemetry import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.care.findings import Finding
    from service.config import Config


_MEND: dict[type[ServiceError], str] = {
    StoreBehind: "back it up, then run `feedwright db upgrade`",
    StoreAhead: "update feedwright",
    StoreDamaged: "stop the service and restore a backup",
}


def examine(path: Path, *, deep: bool = False) -> list[Finding]:
    """Look at settings, machine, database and sources; what cannot be looked at any more is left out.

    `deep` reads every page of an SQLite file. No finding holds a secret.
    """
    problems = configuration.check(path)
    if problems:
        mend = "mend it; `feedwright config check` looks again"
        found = [bad("settings", str(problem), mend) for problem in problems]
    else:
        config = configuration.load(path)
        found = [good("settings", f"{path} is fine"), *_installation(config, deep=deep)]
    return [replace(it, told=redact(it.told)) for it in found]


def _installation(config: Config, *, deep: bool) -> Iterator[Finding]:
    with closing(Store(configuration.database_url(config))) as store:
        yield from machine.examined(config, store)
        try:
            yield from _database(config, store, deep=deep)
        except ServiceError as error:
            mend = _MEND.get(type(error), "see that it runs and [storage] database is right")
            yield bad("database", str(error), mend)


def _database(config: Config, store: Store, *, deep: bool) -> Iterator[Finding]:
    if store.is_empty():
        start = "start `feedwright serve`"
        yield warning("database", "empty; the first start makes its tables", start)
        return
    yield good("engine", store.version())
    storage.check(store)
    yield good("database", "has this release's schema")
    yield from database.examined(config, store, deep=deep)
    yield from sources.examined(store)
    yield from gallery.examined(config, store, deep=deep)
