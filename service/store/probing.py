"""A look at the database from outside: on a connection of its own, that waits for nothing long.

A pool may hold connections that still answer when no new one can be had, or that hang when a new one would
answer.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from service.errors import StoreError
from service.store.postgres import postgres_arguments
from service.store.sqlite import sqlite_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from service.store.database import Store, Transaction

_SECONDS = 1
_CONNECT = 2  # seconds; psycopg takes no less
_POSTGRES: dict[str, Any] = {
    "connect_timeout": _CONNECT,
    "tcp_user_timeout": _CONNECT * 1000,
    "options": f"-c statement_timeout={_SECONDS * 1000} -c default_transaction_read_only=on",
}


class Probe:
    """Looks at one database, anew each time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        path = store.sqlite_path
        self._engine = _postgresql(store.url) if path is None else _sqlite(path)

    @contextmanager
    def looking(self) -> Iterator[Transaction]:
        """A read-only transaction.

        Raises:
            StoreError: There is no connection to be had, or no answer.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            raise StoreError(f"{self._store} cannot be used: {reason}") from error


def _sqlite(path: Path) -> Engine:
    uri = f"{path.absolute().as_uri()}?mode=ro"  # which makes no file where there is none

    def connect() -> Any:
        return sqlite_module().connect(uri, uri=True, timeout=_SECONDS)

    return create_engine("sqlite://", module=sqlite_module(), creator=connect, poolclass=NullPool)


def _postgresql(url: str) -> Engine:
    arguments = postgres_arguments(url) | _POSTGRES
    del arguments["conninfo"]
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        connect_args=arguments,
    )
