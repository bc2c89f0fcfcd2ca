"""Two doors to one database: reading() for a snapshot, writing() for a short transaction of one writer.

SQLite is the embedded default, PostgreSQL the shared one: `sqlite` and `postgres` have their connections.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.config.database import secrets
from service.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from service.store.beacon import Beacon
from service.store.bounds import PATIENCE
from service.store.postgres import postgres_engine, take_turn
from service.store.sqlite import is_senseless, is_there, sqlite_engine, sqlite_module
from service.store.together import Together
from service.telemetry import conceal, log, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta

Transaction = Connection

Item = TypeVar("Item")
Made = TypeVar("Made")

_MOST_TOGETHER = 16  # items of one transaction
_MOST_WEIGHT = 300  # entries that they bring
_FULL = frozenset({"SQLITE_FULL", "53100"})  # what SQLite and PostgreSQL call it


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
        make = sqlite_engine if self.is_sqlite else postgres_engine
        self._writer = make(url, read_only=False)
        self._reader = make(url, read_only=True)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A read-only snapshot: all that is asked within sees the same state."""
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(
        self, wait: timedelta = PATIENCE, *, repeatable: bool = False
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
                    take_turn(connection, wait)
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
        item brings: what is shared brings 300 at most, so that other writers need not wait long.

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


def _busy(told: str) -> StoreBusy:
    metrics.STORE_BUSY.inc()
    return StoreBusy(told)


def _codes(error: DBAPIError) -> set[object]:
    """How the drivers name what went wrong."""
    return {getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate")}


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
