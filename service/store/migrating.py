"""Bringing a database to this release's schema: all of it or nothing, one process at a time."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from service.errors import StoreAhead, StoreBehind, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from service.store.database import Store

_SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6D696772


def upgrade(store: Store) -> tuple[str | None, str]:
    """Apply every migration that is missing. Gives the revision before and after.

    Raises:
        StoreAhead: The database was written by a newer release.
        StoreError: A migration failed; the database is as it was.
    """
    store.make_folder()
    with _exclusive(store) as connection:
        before = _revision(connection)
        if before is None and (strange := inspect(connection).get_table_names()):
            raise StoreError(
                f"{store} holds tables of something else ({', '.join(strange[:3])} ...)"
            )
        config = _config(connection)
        _refuse_newer(before, config)
        command.upgrade(config, "head")
        if store.is_sqlite and (
            broken := connection.execute(text("PRAGMA foreign_key_check")).all()
        ):
            raise StoreError(f"the migration would leave {len(broken)} rows without their parents")
        after = _revision(connection)
    if after is None:
        raise StoreError("the migrations left no version behind")
    return before, after


def check(store: Store) -> None:
    """Make sure the database has exactly this release's schema.

    Raises:
        StoreBehind: It wants `feedwright db upgrade`.
        StoreAhead: It was written by a newer release.
    """
    found = None if store.is_empty() else _revision_of(store)
    config = _config(None)
    _refuse_newer(found, config)
    if found != ScriptDirectory.from_config(config).get_current_head():
        raise StoreBehind("the database is of an older release: run `feedwright db upgrade`")


def _revision_of(store: Store) -> str | None:
    with store.reading() as tx:
        return _revision(tx)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(found: str | None, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreAhead(f"the database is of a newer release (schema {found}): update feedwright")


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
                        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                    yield connection
            finally:
                _set_foreign_keys(store, connection, on=True)
    except OperationalError as error:
        raise StoreError(f"the database cannot be opened: {error.orig}") from error
    except DBAPIError as error:
        raise StoreError(f"the migration failed and was undone: {error.orig}") from error


def _set_foreign_keys(store: Store, connection: Connection, *, on: bool) -> None:
    if store.is_sqlite:  # below SQLAlchemy, as the pragma does nothing within a transaction
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
        cursor.close()
