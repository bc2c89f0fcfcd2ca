"""Databases to back up from and to restore into, and all that a database holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select, text

from service import config as configuration
from service.care import backups
from service.clock import SystemClock
from service.config import Config
from service.store import Store
from service.store.schema import FULL_TEXT, metadata
from tests.conftest import DATA
from tests.spoken import spoken

OTHER = "elsewhere"  # the name of a second database on the tests' PostgreSQL server

Watch = Callable[[str, float], None]


def unwatched(_stage: str, _share: float) -> None:
    """Nobody looks at the progress."""


def config_for(database: str, folder: Path) -> Config:
    """The test newsroom's settings with another database."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (DATA / "newsroom" / "config.toml").read_text(encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(f'{text}\n[storage]\ndatabase = "{database}"\n', encoding="utf-8")
    return configuration.load(path)


def new_postgresql(server: str) -> Iterator[str]:
    """The address of an empty database on that server, as long as it is needed."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {OTHER} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {OTHER}")
    yield server.replace("/postgres?", f"/{OTHER}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {OTHER} WITH (FORCE)")


def backup(config: Config, file: Path, **options: Any) -> backups.Backup:
    """A backup that is not there yet."""
    return backups.backup(config, file, **{"replace": False, "watch": unwatched, **options})


def restore(config: Config, file: Path, **options: Any) -> backups.Backup:
    """What is in the file, now in the database of the config."""
    return backups.restore(config, file, **{"clock": SystemClock(), "watch": unwatched, **options})


def contents(database: str) -> dict[str, list[tuple]]:
    """Every row of every table, as stored, in order."""
    with closing(Store(database)) as store, store.reading() as tx:
        rows = {
            table.name: sorted(map(tuple, tx.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
        return {**rows, FULL_TEXT: list(spoken(tx).items())}


def sequences(database: str) -> dict[str, int]:
    """The last row id that each table gave out."""
    with closing(Store(database)) as store, store.reading() as tx:
        if store.is_sqlite:
            rows = tx.execute(text("SELECT name, seq FROM sqlite_sequence WHERE seq > 0"))
            return dict(map(tuple, rows))
        rows = tx.execute(
            text("SELECT tablename, last_value FROM (SELECT replace(replace(sequencename, '_id_seq', ''),"
                 " '_number_seq', '') AS tablename, last_value FROM pg_sequences) s WHERE last_value > 0")
        )  # fmt: skip
        return dict(map(tuple, rows))
