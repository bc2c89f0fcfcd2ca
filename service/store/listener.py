"""What PostgreSQL tells of commits, by a thread that listens. Loads psycopg, which SQLite does without."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from service.store import changelog
from service.store.postgres import postgres_arguments

if TYPE_CHECKING:
    from collections.abc import Hashable

    from service.store.database import Store

_LOOK = 0.3  # seconds without news after which the listener asks for itself
_DEAF = 0.8  # seconds without a sign of the listener after which nobody relies on it
_CONNECT = 2  # seconds
_AGAIN = 0.2  # seconds between attempts to connect


class Listener:
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
        """What is another after every commit, within a second."""
        if time.monotonic() - self._heard < _DEAF:
            return self._count
        with self._store.reading() as tx:
            return "asked", changelog.last(tx)

    def close(self) -> None:
        """End the thread."""
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
