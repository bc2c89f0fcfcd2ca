"""Has anything been committed since I last looked? Asked before every answer from memory, so cheap."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from service.errors import StoreError
from service.store.sqlite import sqlite_module

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from service.store.beacon import Beacon
    from service.store.database import Store

_ASK = 0.05  # seconds between two questions to SQLite


class Pulse:
    """Watches a database for commits of any process."""

    def __init__(self, store: Store) -> None:
        self._watch = _watch(store)

    def beat(self) -> Hashable:
        """What is another after every commit.

        PostgreSQL: within a second, and at once where the listener hears it.
        """
        return self._watch.beat()

    def close(self) -> None:
        """Stop watching."""
        self._watch.close()


class _Watch(Protocol):
    """What a database is watched by."""

    def beat(self) -> Hashable: ...
    def close(self) -> None: ...


def _watch(store: Store) -> _Watch:
    path, beacon = store.sqlite_path, store.beacon
    if path is None:
        from service.store.listener import Listener

        return Listener(store)
    return _DataVersion(path) if beacon is None else _Beacon(beacon, path)


class _Beacon:
    """SQLite: the beacon tells of every commit that was acknowledged, in a fraction of a microsecond.

    The database itself is asked twenty times a second, for writers that were killed after a commit; each time
    once the beacon's file was removed; and with each new sign, so that a commit is not news twice.
    """

    def __init__(self, beacon: Beacon, path: Path) -> None:
        self._beacon = beacon
        self._seen = beacon.seen
        self._data = _DataVersion(path)
        self._version: Hashable = None
        self._of = b""  # the sign that was shown before the database told that
        self._again = 0.0  # monotonic

    def beat(self) -> Hashable:
        now, sign = time.monotonic(), self._seen()
        if sign != self._of or now >= self._again:
            self._version = self._data.beat()
            self._again = now + _ASK if self._beacon.is_there() else 0.0
            self._of = sign
        return sign, self._version

    def close(self) -> None:
        self._data.close()


class _DataVersion:
    """SQLite tells by `PRAGMA data_version` on a connection that does nothing else."""

    def __init__(self, path: Path) -> None:
        self._connection: Any = sqlite_module().connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._lock = threading.Lock()

    def beat(self) -> Hashable:
        try:
            with self._lock:
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite_module().Error as error:
            raise StoreError(f"the database cannot be watched: {error}") from error
        return int(version)

    def close(self) -> None:
        with self._lock:
            self._connection.close()
