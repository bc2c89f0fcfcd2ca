"""Has anything been committed since I last looked? Asked before every answer from memory, so cheap."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from service.errors import StoreError
from service.store import changelog
from service.store.database import postgres_arguments, sqlite_module

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from service.store.beacon import Beacon
    from service.store.database import Store

_ASK = 0.05  # seconds between two questions to SQLite
_LOOK = 0.3  # seconds without news after which the listener asks for itself
_DEAF = 0.8  # seconds without a sign of the listener after which nobody relies on it
_CONNECT = 2  # seconds
_AGAIN = 0.2  # seconds between attempts to connect


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


def _watch(store: Store) -> _Beacon | _DataVersion | _Listener:
    path, beacon = store.sqlite_path, store.beacon
    if path is None:
        return _Listener(store)
    return _DataVersion(path) if beacon is None else _Beacon(beacon, path)


class _Beacon:
    """SQLite: the beacon tells of every commit that was acknowledged, in a fraction of a microsecond.

    The database itself is asked twenty times a second, for writers that were killed after a commit; and each
    time once the beacon's file was removed.
    """

    def __init__(self, beacon: Beacon, path: Path) -> None:
        self._beacon = beacon
        self._seen = beacon.seen
        self._data = _DataVersion(path)
        self._version: Hashable = None
        self._again = 0.0  # monotonic

    def beat(self) -> Hashable:
        now = time.monotonic()
        if now >= self._again:
            self._version = self._data.beat()
            self._again = now + _ASK if self._beacon.is_there() else 0.0
        return self._seen(), self._version

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


class _Listener:
    """PostgreSQL tells by NOTIFY; a thread listens, connects again when it must, and asks in between."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._count = 0
        self._number = -1
        self._heard = float("-inf")  # monotonic
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listen", daemon=True)
        self._thread.start()

    def beat(self) -> Hashable:
        if time.monotonic() - self._heard < _DEAF:
            return self._count
        with self._store.reading() as tx:
            return "asked", changelog.last(tx)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._closing.is_set():
            with suppress(psycopg.Error):
                self._hear()
            self._heard = float("-inf")
            self._closing.wait(_AGAIN)

    def _hear(self) -> None:
        arguments = postgres_arguments(self._store.url) | {"connect_timeout": _CONNECT}
        with psycopg.connect(**arguments, autocommit=True) as connection:
            connection.execute(f"LISTEN {changelog.CHANNEL}")
            while not self._closing.is_set():
                self._look(connection)
                for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                    self._count += 1

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        """Ask what no notice may have told: one sent while nobody listened, or lost with a connection."""
        asked = time.monotonic()
        row = connection.execute(changelog.NEWEST).fetchone()
        number = row[0] if row else 0
        if number != self._number:
            self._number = number
            self._count += 1
        self._heard = asked
