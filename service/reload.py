"""Settings come into force while the service runs: checked first, all of them or none."""

from __future__ import annotations

import json
import threading
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from service import config as configuration
from service import runtime as running
from service import store as storage
from service.config.differing import differences
from service.errors import ConfigError, Refused, StoreError
from service.store import Store, settings
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from pathlib import Path

    from service.config import Config
    from service.config.differing import Difference
    from service.runtime import Current

    Signature = tuple[int, int, int]

_TOLD = 20  # changes named in the log
_SETTLED_AT_START = {
    "server": attrgetter("server"),
    "storage": attrgetter("storage"),
    "fetch.hosts_at_once": attrgetter("fetch.hosts_at_once"),
}


class Watcher:
    """Looks whether config.toml was changed, and puts it in force if it can be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before: Signature | None = None  # as it was at the last look
        self._taken: Signature | None = None  # as it was when last read
        self._lock = threading.Lock()  # a signal may come while the file is looked at

    def look(self, current: Current) -> None:
        """Keep up with the settings in force; read the file once a change of it has lasted for a look."""
        current.keep_up()
        signature = self._signature()
        has_settled = signature == self._before
        self._before = signature
        if has_settled and signature != self._taken:
            self._take(current, signature)

    def reload(self, current: Current) -> None:
        """Read the file at once, changed or not."""
        self._take(current, self._signature())

    def _take(self, current: Current, signature: Signature | None) -> None:
        with self._lock:
            try:
                _adopt(current, self._path)
            except StoreError as error:
                log().error("settings wait for the database", error=str(error))
            else:
                self._taken = signature

    def _signature(self) -> Signature | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _adopt(current: Current, path: Path) -> None:
    held = current.runtime
    try:
        config = configuration.load(path)
    except ConfigError as error:
        metrics.SETTINGS_REFUSED.inc()
        log().error("settings refused, the old ones stay", problems=str(error).splitlines())
        return
    with held.store.reading() as tx:
        config = running.whole(tx, config)
    if config.digest == held.config.digest:
        return
    changed = [str(it) for it in between(held.config, config)]
    for key, setting in _SETTLED_AT_START.items():
        if setting(config) != setting(held.config):
            log().warning("settings that wait for the next start", setting=key)
    running.adopt(held.store, config, held.clock)
    current.keep_up()
    log().info("settings adopted", changes=changed[:_TOLD], more=max(0, len(changed) - _TOLD))


class Pending(Struct, frozen=True):
    """What settings would change that are not in force."""

    changes: list[Difference]  # at once
    waiting: list[Difference]  # at the next start of the service


def pending(config: Config) -> Pending:
    """What these settings would change, now and at the next start.

    Raises:
        Refused: None are in force yet.
    """
    store = Store(configuration.database_url(config))
    try:
        found, waiting = None, []
        if not store.is_empty():
            storage.check(store)
            with store.reading() as tx:
                config = running.whole(tx, config)
                found, waiting = settings.in_force(tx), running.waiting(tx, config)
    finally:
        store.close()
    if found is None:
        raise Refused(
            f"no settings are in force yet: the service was never started on {store};"
            " where [storage] has changed, that waits for the next start"
        )
    late = {it.key for it in waiting}
    changes = differences(json.loads(found.text), json.loads(configuration.kept(config)))
    return Pending([it for it in changes if it.key not in late], waiting)


def between(before: Config, after: Config) -> list[Difference]:
    """What a reload changes."""
    return differences(
        json.loads(configuration.kept(before)), json.loads(configuration.kept(after))
    )
