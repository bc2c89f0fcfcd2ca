"""SQLite: its driver, its file, and its connections."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from service.errors import StoreError
from service.store.bounds import BUSY_SECONDS, MOST_CONNECTIONS, PATIENCE

if TYPE_CHECKING:
    from types import ModuleType

_FIRST_LOOK, _LATER_LOOKS = 0.0001, 0.003  # seconds between looks whether it may be written
_SLOWER = 2  # times as long is waited after each
_OLDEST = (3, 43, 0)  # older engines cannot take an article out of an index without its words
_WAL_FIXED = (3, 51, 3)  # older engines can corrupt a WAL that two connections checkpoint at once
_WAL_BACKPORTS = {(3, 50, 7), (3, 44, 6)}
_PRAGMAS = (
    "PRAGMA page_size=8192",  # rows have texts of some kB; for a database that is made now
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA wal_autocheckpoint=8000",  # pages, 64 MB: those that are written often are copied seldom
)
_READER_S = ("PRAGMA query_only=ON",)
_WRITER_S = ("PRAGMA cache_size=-32768",)  # kB: what a transaction changes is written at its end
_SENSELESS = re.compile("malformed|not a database")  # what SQLite says of a damaged file


def sqlite_module() -> ModuleType:
    """The SQLite driver whose engine is free of the WAL-reset bug, or else the standard one."""
    if sqlite_is_sound(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2  # type: ignore[no-any-return]  # pysqlite3 ships no types


def sqlite_is_sound(version: tuple[int, ...]) -> bool:
    """Whether that engine may be written by several processes."""
    return version >= _WAL_FIXED or version in _WAL_BACKPORTS


def _require_engine() -> None:
    driver = sqlite_module()
    if driver.sqlite_version_info < _OLDEST:
        raise StoreError(
            f"SQLite {driver.sqlite_version} is too old, {'.'.join(map(str, _OLDEST))} is needed;"
            " install pysqlite3 0.6.1 or newer, or a newer Python"
        )


def is_senseless(reason: object) -> bool:
    """Whether SQLite means that the file is no database, or not a whole one."""
    return _SENSELESS.search(str(reason)) is not None


def is_there(path: Path) -> bool:
    """Whether there is something of that name.

    Raises:
        StoreError: This user may not look.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StoreError(
            f"cannot look at {path} ({error.strerror}); run as the user that owns it"
        ) from error
    return True


def make_file(path: Path) -> None:
    """Make an empty database that only its owner may read; SQLite gives what lies beside it the same mode.

    The file is not opened: closing it would drop the locks that this process has on it by then. Where it
    cannot be made, SQLite tells why.
    """
    with suppress(OSError):
        os.mknod(path.resolve(), stat.S_IFREG | 0o600)


def sqlite_engine(url: str, *, read_only: bool) -> Engine:
    """Connections to the file that "sqlite:PATH" names, which is made if need be.

    Raises:
        StoreError: This Python's SQLite is too old.
    """
    _require_engine()
    driver = sqlite_module()
    for kind in (type(None), memoryview):
        driver.register_adapter(kind, _as_it_is)
    engine = create_engine(
        URL.create("sqlite", database=url.removeprefix("sqlite:")),
        module=driver,
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=MOST_CONNECTIONS,
        pool_use_lifo=True,  # the one that writes next still holds the pages that it wrote
    )
    path = Path(url.removeprefix("sqlite:"))
    pragmas = (*_PRAGMAS, *(_READER_S if read_only else _WRITER_S))

    @event.listens_for(engine, "do_connect")
    def make(*_: object) -> None:
        make_file(path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in pragmas:
            _insist(connection, pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if read_only:
            connection.exec_driver_sql("BEGIN")
            return
        options = connection.get_execution_options()
        _become_writer(
            connection,
            patience=options.get("patience", PATIENCE).total_seconds(),
            synchronous="NORMAL" if options.get("repeatable") else "FULL",
        )

    return engine


def _as_it_is(value: Any) -> Any:
    """What NULL is bound as, and bytes, which come in a memoryview.

    Of what is neither text nor number the driver asks at four places what it might be instead, 0.9
    microseconds a value; with this it asks at one, in 0.15.
    """
    return value


def _insist(driver: Any, pragma: str) -> None:
    """Set it, however many open the database at once: SQLite refuses, without a wait, to make it WAL then."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            driver.execute(pragma)
        except driver.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_LATER_LOOKS)
        else:
            return


def _become_writer(connection: Connection, *, patience: float, synchronous: str) -> None:
    """BEGIN IMMEDIATE, tried again ever more rarely, but every few milliseconds, for `patience` seconds.

    SQLite by itself waits a millisecond at first, and in the end looks ten times a second, while most
    transactions take less time.
    """
    driver: Any = connection.connection.driver_connection
    until, pause = time.monotonic() + patience, _FIRST_LOOK
    driver.execute(f"PRAGMA synchronous={synchronous}")
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except driver.OperationalError as error:
                if "locked" not in str(error):
                    break
            else:
                return
            time.sleep(pause)
            pause = min(pause * _SLOWER, _LATER_LOOKS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # which tells what is wrong
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
