"""Bringing a database to this release's schema: all of it or nothing, one process at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, table, text
from sqlalchemy.exc import DBAPIError, OperationalError

from service.errors import StoreBusy, StoreDamaged, StoreError
from service.store import files, partial, revisions
from service.store.postgres import MIGRATION_LOCK, WRITER_LOCK
from service.store.schema import FULL_TEXT
from service.store.sqlite import is_senseless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic.script import Script
    from sqlalchemy import Connection

    from service.store.database import Store

_HEAD = "head"
_POSTGRES_TERMS = (  # a migration takes its time; others are not to wait for one that waits itself
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '10s'",
    f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})",
    f"SELECT pg_advisory_xact_lock({WRITER_LOCK})",
)


def upgrade(store: Store) -> tuple[str | None, str]:
    """Apply every migration that is missing. Gives the revision before and after.

    An SQLite database that holds something is copied beside itself first: see revisions.kept_before().

    Raises:
        StoreAhead: The database was written by a newer release.
        StoreBusy: Another process is writing, or upgrading, for too long.
        StoreDamaged: The file is no SQLite database, or not a whole one.
        StoreError: A migration failed; the database is as it was.
    """
    return _migrate(store, _HEAD, keep=True)


def make(store: Store, revision: str = _HEAD) -> None:
    """Bring a database of our own making to a revision; no copy is kept.

    Raises:
        StoreAhead: It is a newer release's.
        StoreError: A migration failed; the database is as it was.
    """
    _migrate(store, revision, keep=False)


def _migrate(store: Store, target: str, *, keep: bool) -> tuple[str | None, str]:
    store.make_folder()
    with _exclusive(store) as connection:
        before = revisions.revision(connection)
        if before is None and (strange := inspect(connection).get_table_names()):
            raise StoreError(
                f"{store} holds tables of something else ({', '.join(strange[:3])} ...)"
            )
        config = _config(connection)
        revisions.require_known(before)
        missing = _missing(config, before, target)
        if before is not None and missing and keep and store.sqlite_path is not None:
            _keep(store.sqlite_path, missing[0].revision)
        rows = _rows(connection)
        if missing:
            command.upgrade(config, target)
        _require_whole(connection, rows, missing)
        after = revisions.revision(connection)
    if after is None:
        raise StoreError("the migrations left no version behind")
    return before, after


def _missing(config: Config, before: str | None, target: str) -> list[Script]:
    """The migrations to apply, the newest first."""
    scripts = ScriptDirectory.from_config(config)
    return list(scripts.iterate_revisions(target, before or "base"))


def _keep(database: Path, revision: str) -> None:
    """Copy the database beside itself; nobody else writes, as the caller is the one writer."""
    kept = revisions.kept_before(database, revision)
    with partial.whole(kept, replace=True) as path:
        files.copy_live(database, path, lambda _stage, _share: None)
        files.examine(path, lambda _stage, _share: None)


def _rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in sorted(names)
        if not name.startswith(FULL_TEXT)
    }


def _require_whole(connection: Connection, before: dict[str, int], applied: list[Script]) -> None:
    """Hold the outcome against the rows that were there, before it is committed.

    A migration that takes rows away names their tables: `loses = ("polls",)`.
    """
    loses = {name for script in applied for name in getattr(script.module, "loses", ())}
    after = _rows(connection)
    for name, rows in before.items():
        if (left := after.get(name, 0)) < rows and name not in loses:
            raise StoreError(
                f"the migration would leave {left} of {rows} rows of {name}; nothing was changed"
            )
    if connection.dialect.name == "sqlite" and (
        broken := connection.execute(text("PRAGMA foreign_key_check")).all()
    ):
        raise StoreError(f"the migration would leave {len(broken)} rows without their parents")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(revisions.SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _exclusive(store: Store) -> Iterator[Connection]:
    """One transaction around the whole upgrade; on SQLite without foreign keys.

    SQLite rebuilds a table by dropping the old one, and with foreign keys on that would silently delete
    every child row.
    """
    try:
        with store.engine.connect() as connection:
            _set_foreign_keys(store, connection, on=False)
            try:
                with connection.begin():
                    if not store.is_sqlite:
                        for statement in _POSTGRES_TERMS:
                            connection.exec_driver_sql(statement)
                    yield connection
            finally:
                _set_foreign_keys(store, connection, on=True)
    except OperationalError as error:
        if "lock" in str(error.orig):
            raise StoreBusy(
                f"another process kept {store} locked for too long; nothing was changed:"
                " stop the service, then try again"
            ) from error
        raise StoreError(f"the database cannot be opened: {error.orig}") from error
    except DBAPIError as error:
        if store.is_sqlite and is_senseless(error.orig):
            raise StoreDamaged(
                f"{store.sqlite_path} is no database of SQLite's; restore a backup"
            ) from error
        raise StoreError(f"the migration failed and was undone: {error.orig}") from error


def _set_foreign_keys(store: Store, connection: Connection, *, on: bool) -> None:
    if store.is_sqlite:  # below SQLAlchemy, as the pragma does nothing within a transaction
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
        cursor.close()
