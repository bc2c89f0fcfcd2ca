"""Backup and restore: a newsroom's whole database as one file, and back into SQLite or PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from service import config as configuration
from service.errors import Refused, StoreError
from service.model import Selection
from service.store import Store, articles, backups, files, partial, revisions
from service.store.sqlite import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.clock import Clock
    from service.config import Config
    from service.store.files import Examined, Watch

_STEP = 1 << 22  # bytes copied between two looks


class Backup(Struct, frozen=True):
    """A backup that was made, or taken back."""

    file: str
    bytes: int
    schema: str
    rows: int  # of all tables
    articles: int
    previous: str | None = None  # where a restore has kept the SQLite database that was there


def backup(config: Config, file: Path, *, replace: bool, watch: Watch) -> Backup:
    """Write the database as it is at this moment into a new file, while everything runs.

    Raises:
        Refused: The file is there already, is the database's own, cannot be written, or would fill the disk.
        StoreError: The database cannot be read; nothing is left behind.
    """
    with _store(config) as store:
        if store.is_empty():
            raise StoreError(f"{store} is empty: there is nothing to back up")
        if store.sqlite_path is not None:
            _require_other(file, store.sqlite_path, "name another file")
        with partial.whole(file, replace=replace) as path:
            _require_space(file.absolute().parent, backups.size(store))
            found = backups.write(store, path, watch)
    return _told(file, found)


def restore(config: Config, file: Path, *, clock: Clock, watch: Watch) -> Backup:
    """Put a backup in the place of the whole database that config.toml names, all of it or nothing.

    Raises:
        Refused: The file is no backup, the database is in use, or the disk would be full.
        StoreError: The file is damaged or of a newer release, or the database cannot be written.
    """
    backups.require_backup(file)
    with _store(config) as store:
        store.make_folder()
        if store.sqlite_path is not None:
            _require_other(file, store.sqlite_path, "name a backup of it")
        with _workplace(store) as place, partial.scratch(place) as copy, _named(file, copy):
            _require_space(place.parent, _needed(store, file))
            _copy(file, copy, watch)
            found = files.examine(copy, watch)
            revisions.require_known(found.revision, f"the backup {file}")
            previous = backups.restore(store, copy, now=clock.now(), watch=watch)
    return _told(file, found, previous)


def held(config: Config) -> str | None:
    """What a restore would replace, in words; None when that is nothing."""
    with _store(config) as store:
        try:
            if store.is_empty():
                return None
            with store.reading() as tx:
                return f"{articles.count(tx, Selection()):,} published articles"
        except StoreError:
            return "a database that cannot be read"


@contextmanager
def _store(config: Config) -> Iterator[Store]:
    store = Store(configuration.database_url(config))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _workplace(store: Store) -> Iterator[Path]:
    """Where the copy is made that becomes the database: beside an SQLite file, or in a folder for now."""
    if store.sqlite_path is not None:
        yield store.sqlite_path.with_name(f"{store.sqlite_path.name}.restore")
        return
    with tempfile.TemporaryDirectory(prefix="feedwright-restore-") as folder:
        yield Path(folder, "restore")


@contextmanager
def _named(file: Path, copy: Path) -> Iterator[None]:
    """Have errors name the file that was given, and not the copy that is worked on."""
    try:
        yield
    except StoreError as error:
        raise type(error)(str(error).replace(str(copy), str(file))) from error


def _require_other(file: Path, database: Path, instead: str) -> None:
    """Make sure that it is neither the database nor one of the files that belong to it."""
    database = database.resolve()
    parts = [database.with_name(database.name + name) for name in ("", *partial.BESIDE)]
    is_linked = is_there(file) and is_there(database) and file.samefile(database)
    if is_linked or file.resolve() in parts:
        raise Refused(f"{file} is the database itself, or a part of it; {instead}")


def _needed(store: Store, file: Path) -> int:
    """Bytes that a restore takes at most: the copy, the new database, the previous one, the journal."""
    size = file.stat().st_size
    if store.sqlite_path is None:
        return size
    there = store.sqlite_path.stat().st_size if is_there(store.sqlite_path) else 0
    return 2 * (size + there)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"{folder} has {free / 1e6:,.0f} MB free and {needed / 1e6:,.0f} MB are needed;"
            " make room, or use another disk (TMPDIR names the one for PostgreSQL's copies)"
        )


def _copy(source: Path, target: Path, watch: Watch) -> None:
    every, done = max(1, source.stat().st_size), 0
    with source.open("rb") as taken, target.open("wb") as given:
        while block := taken.read(_STEP):
            given.write(block)
            done += len(block)
            watch("reading", min(1.0, done / every))


def _told(file: Path, found: Examined, previous: Path | None = None) -> Backup:
    return Backup(
        str(file),
        file.stat().st_size,
        found.revision,
        sum(found.rows.values()),
        found.rows.get("articles", 0),
        str(previous) if previous else None,
    )
