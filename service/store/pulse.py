"""Has anything been committed since I last looked? Asked before every answer from memory, so cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.store import changelog
from service.store.database import sqlite_module

if TYPE_CHECKING:
    from service.store.database import Store


class Pulse:
    """Watches a database for commits of any process; one thread at a time may ask.

    SQLite tells by `PRAGMA data_version` on a connection of its own, in microseconds. PostgreSQL is asked
    for the number of the newest change.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None
        if store.sqlite_path is not None:
            self._connection = sqlite_module().connect(
                f"{store.sqlite_path.absolute().as_uri()}?mode=ro",
                uri=True,
                check_same_thread=False,
            )

    def beat(self) -> int:
        """A number that is another after every commit."""
        if self._connection is not None:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        with self._store.reading() as tx:
            return changelog.last(tx)

    def close(self) -> None:
        """Close the connection that watches."""
        if self._connection is not None:
            self._connection.close()
