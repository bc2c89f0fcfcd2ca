"""Whole databases between PostgreSQL and an SQLite file of the same schema, row by row, as stored."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from service.errors import Refused, StoreError
from service.store import files
from service.store.postgres import MIGRATION_LOCK, WRITER_LOCK, postgres_arguments
from service.store.schema import FULL_TEXT, metadata
from service.store.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from service.store.files import Watch

    Postgres = psycopg.Connection[Any]

_BATCH = 100  # rows held at once; an entry may have a megabyte
_PATIENCE = 2.0  # seconds that a connection just closed may take to go
_AGAIN = 0.1  # seconds
_COUNTED = [table.name for table in metadata.sorted_tables if "id" in table.c] + ["changes"]


@contextmanager
def snapshot(url: str) -> Iterator[Postgres]:
    """All of a PostgreSQL database as it is at this moment, however long the reading takes."""
    with _connected(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


@contextmanager
def _connected(url: str) -> Iterator[Postgres]:
    """One transaction without a time limit; an error undoes it."""
    arguments = postgres_arguments(url) | {
        "application_name": "feedwright copy",
        "client_encoding": "utf8",
        "options": "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=5000",
    }
    try:
        with psycopg.connect(**arguments) as connection:
            yield connection
    except psycopg.errors.LockNotAvailable as error:
        raise Refused("the database is in use; stop the service first") from error
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise StoreError(f"the database cannot be copied: {reason}") from error


def revision(source: Postgres) -> str | None:
    """The schema's revision; None for a database that is not feedwright's."""
    found = source.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    if not found or not found[0]:
        return None
    row = source.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def size(source: Postgres) -> int:
    """About how large the database is, in bytes."""
    row = source.execute(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    ).fetchone()
    return int(row[0]) if row else 0


def fetch(source: Postgres, path: Path, watch: Watch) -> None:
    """Fill the tables of an SQLite file of the same schema, which is nobody else's yet.

    Raises:
        StoreError: Not every row came over.
    """
    with files.opened(path, "mode=rw") as target:
        target.execute("PRAGMA journal_mode=OFF")  # killed half-way, the file is thrown away
        target.execute("PRAGMA synchronous=OFF")
        target.execute("BEGIN")
        rows = {table: _count(source, table) for table in _content(target)}
        progress = _Progress(watch, rows)
        for table, expected in rows.items():
            for batch in _batches(source, table, files.columns_of(target, table)):
                _insert(target, table, batch)
                progress.add(len(batch))
            _compare(table, expected, files.count(target, table))
        for table, number in standing(source).sequences.items():
            target.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))
        target.execute("COMMIT")


def _content(file: Any) -> list[str]:
    return [name for name in files.tables_of(file) if name != "alembic_version"]


class _Progress:
    """How much of all rows has come over."""

    def __init__(self, watch: Watch, rows: dict[str, int]) -> None:
        self._watch, self._all, self._done = watch, max(1, sum(rows.values())), 0

    def add(self, rows: int) -> None:
        self._done += rows
        self._watch("copying", min(1.0, self._done / self._all))


def _batches(source: Postgres, table: str, columns: Sequence[str]) -> Iterator[list[Any]]:
    """Every row in batches; JSON as the text it was written as."""
    kinds = dict(
        source.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            (table,),
        ).fetchall()
    )
    wanted = sql.SQL(", ").join(
        sql.SQL("{}::text" if kinds.get(name) == "json" else "{}").format(sql.Identifier(name))
        for name in columns
    )
    query = sql.SQL("SELECT {} FROM {}").format(wanted, sql.Identifier(table))
    with source.cursor(name="copy") as cursor:
        cursor.execute(query)
        while batch := cursor.fetchmany(_BATCH):
            yield batch


def _insert(target: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
    places = ", ".join("?" * len(rows[0]))
    target.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)  # noqa: S608  # a name of our schema


def _count(source: Postgres, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = source.execute(query).fetchone()
    return int(row[0]) if row else 0


def _compare(table: str, expected: int, found: int) -> None:
    if expected != found:
        raise StoreError(f"{found} of {expected} rows of {table} were copied; nothing was kept")


def standing(source: Postgres) -> Standing:
    """How far a PostgreSQL database has counted."""
    sequences = {}
    for table in _COUNTED:
        key = "number" if table == "changes" else "id"
        row = source.execute(
            "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)", (table, key)
        ).fetchone()
        if row and row[0]:
            sequences[table] = int(row[0])
    touched = source.execute("SELECT coalesce(max(touched), 0) FROM scopes").fetchone()
    fences = dict(source.execute("SELECT name, fence FROM hosts").fetchall())
    return Standing(sequences, fences, int(touched[0]) if touched else 0)


@contextmanager
def sole(url: str) -> Iterator[Postgres]:
    """A transaction that nobody else can use the database beside; it commits when the block ends well.

    Raises:
        Refused: Something else of feedwright's is connected.
    """
    with _connected(url) as connection:
        _require_unused(connection)
        for lock in (MIGRATION_LOCK, WRITER_LOCK):
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
        tables = sql.SQL(", ").join(map(sql.Identifier, [*metadata.tables, FULL_TEXT]))
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))
        _require_unused(connection)  # what came in between waits for the locks, or is seen here
        yield connection


def _require_unused(connection: Postgres) -> None:
    deadline = time.monotonic() + _PATIENCE
    while others := _others(connection):
        if time.monotonic() > deadline:
            raise Refused(
                f"the database is in use ({others} connections of feedwright's);"
                " stop the service, on every machine, first"
            )
        time.sleep(_AGAIN)


def _others(connection: Postgres) -> int:
    connection.execute("SELECT pg_stat_clear_snapshot()")
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name LIKE 'feedwright%' AND pid <> pg_backend_pid()"
    ).fetchone()
    return int(row[0]) if row else 0


def load(path: Path, target: Postgres, watch: Watch) -> None:
    """Put the rows of a file in the place of all there are; both have this release's schema.

    The words of articles are indexed by speak().

    Raises:
        StoreError: A row cannot be kept by PostgreSQL, or did not come over.
    """
    tables = [table.name for table in metadata.sorted_tables]  # parents first
    names = sql.SQL(", ").join(map(sql.Identifier, [*tables, FULL_TEXT]))
    target.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
    with files.opened(path, "immutable=1") as source:
        rows = {table: files.count(source, table) for table in tables}
        progress = _Progress(watch, rows)
        for table in tables:
            _copy_in(source, target, table, progress)
            _compare(table, rows[table], _count(target, table))
        counted = source.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0").fetchall()
    for table, number in counted:
        key = "number" if table == "changes" else "id"
        target.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s)::regclass, %s)", (table, key, number)
        )


def _copy_in(source: Any, target: Postgres, table: str, progress: _Progress) -> None:
    columns = files.columns_of(source, table)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    names = ", ".join(f'"{name}"' for name in columns)
    found = source.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608  # names of our schema
    with target.cursor() as cursor, cursor.copy(statement) as copy:
        while batch := found.fetchmany(_BATCH):
            for row in batch:
                copy.write_row(row)
            progress.add(len(batch))


def speak(target: Postgres, said: Iterable[Sequence[tuple[int, str]]]) -> None:
    """Index the words of articles by row id, of which there are none."""
    statement = sql.SQL(
        "INSERT INTO {} (article_id, vector) VALUES (%s, to_tsvector('simple', %s))"
    ).format(sql.Identifier(FULL_TEXT))
    with target.cursor() as cursor:
        for some in said:
            cursor.executemany(statement, some)
