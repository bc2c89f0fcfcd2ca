"""Two doors to one database: reading() for a snapshot, writing() for a short transaction of one writer.

SQLite is the embedded default, PostgreSQL the shared one; what differs between them stands in this file.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.config.database import secrets
from service.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from service.store.beacon import Beacon
from service.store.together import Together
from service.telemetry import conceal, log, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

Transaction = Connection

Item = TypeVar("Item")
Made = TypeVar("Made")

BUSY_SECONDS = 10
_PATIENCE = timedelta(seconds=BUSY_SECONDS)
_MOST_TOGETHER = 16  # items of one transaction
_MOST_WEIGHT = 100  # entries that they bring
_MOST_CONNECTIONS = 70  # more than [server] threads and [fetch] hosts_at_once can be
_LOOK = 3  # milliseconds, in which SQLite looks three times whether it may write
WRITER_LOCK = 0x66656564  # pg_advisory_xact_lock: one writer at a time, as on SQLite
MIGRATION_LOCK = 0x6D696772  # the same, for who changes the tables; taken before the writer's
_WAL_FIXED = (3, 51, 3)  # older engines can corrupt a WAL that two connections checkpoint at once
_WAL_BACKPORTS = {(3, 50, 7), (3, 44, 6)}
_SQLITE_PRAGMAS = (
    "PRAGMA page_size=8192",  # rows have texts of some kB; for a database that is made now
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA wal_autocheckpoint=4000",  # pages, 32 MB: those that are written often are copied seldom
)
_WRITER_S = (
    "PRAGMA cache_size=-32768",
)  # kB: what a transaction changes is not written before its end
_POSTGRES_OPTIONS = (
    "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"
)
_FULL = frozenset({"SQLITE_FULL", "53100"})  # what SQLite and PostgreSQL call it
_SENSELESS = re.compile("malformed|not a database")  # what SQLite says of a damaged file
_KEEPALIVES = {  # a server that vanished is noticed within 20 seconds
    "application_name": "feedwright",
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


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


class Store:
    """Holds the connections to one database open.

    `url` is "sqlite:PATH" or "postgresql://...", as config.toml has it, with an absolute path.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        for secret in secrets(url):
            conceal(secret)
        self.sqlite_path = Path(url.removeprefix("sqlite:")) if url.startswith("sqlite:") else None
        self.is_sqlite = self.sqlite_path is not None
        self._turn = threading.Lock()  # SQLite's own waiting is unfair, and starves writers
        self._together = Together(
            partial(self.writing, repeatable=True), most=_MOST_TOGETHER, most_weight=_MOST_WEIGHT
        )
        make = _sqlite_engine if self.is_sqlite else _postgres_engine
        self._writer = make(url, read_only=False)
        self._reader = make(url, read_only=True)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A read-only snapshot: all that is asked within sees the same state."""
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(
        self, wait: timedelta = _PATIENCE, *, repeatable: bool = False
    ) -> Iterator[Transaction]:
        """A transaction that is the only writer; keep it short, with no network and no parsing in it.

        Once committed it outlives any process. What is `repeatable`, as it can be asked for again, may be
        lost when the machine itself goes down (on SQLite), until something that is not has been written.

        Raises:
            StoreBusy: Another writer held the database for longer than `wait`.
        """
        with self._in_turn(wait), self._told(), self._writer.connect() as connection:
            connection.execution_options(patience=wait, repeatable=repeatable)
            with connection.begin():
                if not self.is_sqlite:
                    _take_turn(connection, wait)
                yield connection
            if (beacon := self.beacon) is not None:
                beacon.flash()

    def together(
        self,
        work: Callable[[Transaction, Sequence[Item]], Sequence[Made]],
        item: Item,
        weight: int = 0,
    ) -> Made:
        """What the work makes of an item, in a repeatable transaction that may be shared with other threads.

        It gets all the items that come with it at about the same time, and gives an answer for each in their
        order; where something fails, it is done again for each by itself. `weight` says how many entries an
        item brings: what is shared brings 100 at most, so that other writers need not wait long.

        Raises:
            StoreBusy: Another writer held the database for too long.
        """
        return self._together.do(work, item, weight)

    @cached_property
    def beacon(self) -> Beacon | None:
        """What tells other processes of a commit on SQLite; None where there can be none."""
        if self.sqlite_path is None:
            return None
        try:
            return Beacon(self.sqlite_path)
        except OSError as error:
            log().warning("commits are told by SQLite alone", reason=str(error))
            return None

    @property
    def engine(self) -> Engine:
        """The writing engine, for the migrations."""
        return self._writer

    @contextmanager
    def _in_turn(self, wait: timedelta) -> Iterator[None]:
        """Let the threads of this process write one after the other."""
        if not self._turn.acquire(timeout=wait.total_seconds()):
            raise _busy(f"other threads kept {self} locked for too long")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the driver's complaints into errors that an operator understands."""
        try:
            yield
        except OperationalError as error:
            raise self._refusal(error) from error
        except PoolTimeout as error:
            raise _busy("too many threads use the database at once") from error
        except DBAPIError as error:
            reason = _first_line(error)
            is_damage = self.is_sqlite and is_senseless(reason)
            refusal = StoreDamaged if is_damage else StoreError
            raise refusal(f"{self} refused: {reason}") from error

    def _refusal(self, error: OperationalError) -> StoreError:
        reason = _first_line(error)
        if "locked" in reason or "lock timeout" in reason:
            return _busy(f"another process kept {self} locked for too long")
        if not _FULL.isdisjoint(_codes(error)):
            return StoreFull(
                f"the disk of {self} is full; make room, and writing goes on by itself"
            )
        if "disk I/O error" in reason:
            reason += "; a quota or a limit on files is reached, or the disk fails"
        return StoreError(f"{self} cannot be used: {reason}")

    def __str__(self) -> str:
        """The database as errors name it, without secrets."""
        return f"the database {self.sqlite_path}" if self.is_sqlite else "the database"

    def make_folder(self) -> None:
        """Make the folder that an SQLite file is to lie in.

        Raises:
            StoreError: It cannot be made.
        """
        if self.sqlite_path is None:
            return
        try:
            self.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot make the folder {self.sqlite_path.parent} ({error.strerror});"
                " set another [storage] database"
            ) from error

    def is_empty(self) -> bool:
        """Whether there is nothing in it yet; looking makes no file.

        Raises:
            StoreError: It cannot be looked at.
        """
        if self.sqlite_path is not None and not is_there(self.sqlite_path):
            return True
        with self.reading() as tx:
            return not inspect(tx).get_table_names()

    def version(self) -> str:
        """Name and version of the engine, for `feedwright doctor`."""
        if self.is_sqlite:
            return f"SQLite {sqlite_module().sqlite_version}"
        with self.reading() as tx:
            return f"PostgreSQL {tx.execute(text('SHOW server_version')).scalar_one()}"

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()
        if (beacon := self.__dict__.pop("beacon", None)) is not None:
            beacon.close()


def _take_turn(connection: Connection, wait: timedelta) -> None:
    """Become the one writer on PostgreSQL, as BEGIN IMMEDIATE does on SQLite."""
    if wait != _PATIENCE:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_milliseconds(wait)}")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)


def _busy(told: str) -> StoreBusy:
    metrics.STORE_BUSY.inc()
    return StoreBusy(told)


def _codes(error: DBAPIError) -> set[object]:
    """How the drivers name what went wrong."""
    return {getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate")}


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=url.removeprefix("sqlite:")),
        module=sqlite_module(),
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=_MOST_CONNECTIONS,
        pool_use_lifo=True,  # the one that writes next still holds the pages that it wrote
    )
    path = Path(url.removeprefix("sqlite:"))
    pragmas = (*_SQLITE_PRAGMAS, *(("PRAGMA query_only=ON",) if read_only else _WRITER_S))

    @event.listens_for(engine, "do_connect")
    def make(*_: object) -> None:
        make_file(path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if read_only:
            connection.exec_driver_sql("BEGIN")
            return
        options = connection.get_execution_options()
        _become_writer(
            connection,
            patience=options.get("patience", _PATIENCE).total_seconds(),
            synchronous="NORMAL" if options.get("repeatable") else "FULL",
        )

    return engine


def _become_writer(connection: Connection, *, patience: float, synchronous: str) -> None:
    """BEGIN IMMEDIATE, tried again every other millisecond for `patience` seconds.

    SQLite by itself looks ever more rarely, up to ten times a second, while most transactions take less time.
    """
    driver: Any = connection.connection.driver_connection
    until = time.monotonic() + patience
    driver.execute(f"PRAGMA synchronous={synchronous}")
    driver.execute(f"PRAGMA busy_timeout={_LOOK}")
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except driver.OperationalError as error:
                if "locked" not in str(error):
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # which tells what is wrong
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def postgres_arguments(url: str) -> dict[str, Any]:
    """How psycopg is to connect to that database, outside any pool."""
    return {"conninfo": url, "connect_timeout": BUSY_SECONDS, **_KEEPALIVES}


def _postgres_engine(url: str, *, read_only: bool) -> Engine:
    options = _POSTGRES_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=_MOST_CONNECTIONS,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        connect_args={"options": options, "connect_timeout": BUSY_SECONDS, **_KEEPALIVES},
    )
