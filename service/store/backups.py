"""A database as one SQLite file, whatever engine it is in; and back into either."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from service.errors import Refused, StoreDamaged, StoreError
from service.store import audience, copying, files, partial, revisions, texts, upgrade
from service.store.database import Store
from service.store.sqlite import is_there, sqlite_module
from service.store.standing import Standing, go_on_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from service.store.files import Examined, Watch


def size(store: Store) -> int:
    """About how many bytes a backup takes."""
    if store.sqlite_path is not None:
        return files.size(store.sqlite_path)
    with copying.snapshot(store.url) as source:
        return copying.size(source)


def write(store: Store, path: Path, watch: Watch) -> Examined:
    """Write one moment of the database into the empty file `path`, and look whether it is sound.

    Raises:
        StoreError: The database cannot be read, or the file is not sound.
    """
    if store.sqlite_path is not None:
        files.copy_live(store.sqlite_path, path, watch)
    else:
        with copying.snapshot(store.url) as source:
            revision = copying.revision(source)
            if revision is None:
                raise StoreError(f"{store} is not feedwright's: there is nothing to back up")
            revisions.require_known(revision)
            _make(path, revision)
            files.leave_wal(path)
            copying.fetch(source, path, watch)
        _speak(path)
    _forget_salt(path)
    found = files.examine(path, watch)
    revisions.require_known(found.revision)
    return found


def _speak(path: Path) -> None:
    """Index the words of articles, which came without; older schemas keep them, and have indexed them."""
    with files.opened(path, "immutable=1") as connection:
        if "texts" in files.tables_of(connection):
            return
    with _held(path) as copy, copy.writing() as tx:
        for said in texts.every(tx):
            texts.add(tx, said)
    files.leave_wal(path)


def _forget_salt(path: Path) -> None:
    """A backup lasts longer than the day for which the readers' salt may be kept."""
    with files.opened(path, "mode=rw") as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("UPDATE meta SET value = '' WHERE key = ?", (audience.SALT,))


def _make(path: Path, revision: str = "head") -> None:
    """Bring the file to that revision."""
    from service.store import migrating  # loads Alembic, which nobody needs who only looks in here

    with _held(path) as made:
        migrating.make(made, revision)


@contextmanager
def _held(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:{path}")
    try:
        yield store
    finally:
        store.close()


def restore(store: Store, path: Path, *, now: datetime, watch: Watch) -> Path | None:
    """Put what the file `path` holds in the place of all that the database holds.

    `path` is a sound copy of a backup that may be written to. Gives where the previous SQLite database is
    kept. Close the store first, as its own connections count.

    Raises:
        Refused: Something else has the database open.
        StoreError: It could not be done; the database is as it was.
    """
    _make(path)
    if store.sqlite_path is not None:
        return _into_sqlite(store.sqlite_path, path, now, watch)
    if store.is_empty():
        upgrade(store)
    revisions.check(store)
    store.close()
    with copying.sole(store.url) as target:
        _count_on(path, copying.standing(target), now)
        copying.load(path, target, watch)
        with _held(path) as copy, copy.reading() as tx:
            copying.speak(target, texts.every(tx))
    return None


def _count_on(path: Path, before: Standing, now: datetime) -> None:
    with _held(path) as copy, copy.writing() as tx:
        go_on_from(tx, before, now)
    files.leave_wal(path)


def _into_sqlite(target: Path, path: Path, now: datetime, watch: Watch) -> Path | None:
    previous = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%S.%fZ}")
    try:
        return _replace(target, path, previous, now, watch)
    except StoreDamaged:  # the target: `path` was examined
        _set_aside(target, previous)
        _replace(target, path, previous, now, watch)
        return previous


def _replace(target: Path, path: Path, previous: Path, now: datetime, watch: Watch) -> Path | None:
    """Write within the file that is there: whoever opens it meanwhile sees the old or the new."""
    with files.sole(target) as connection:
        has_content = bool(files.tables_of(connection))
        if has_content:
            _keep(connection, previous, watch)
        _count_on(path, _standing(connection), now)
        with files.opened(path, "immutable=1") as source:
            files.copy_pages(source, connection, watch)
    return previous if has_content else None


def _keep(connection: Any, previous: Path, watch: Watch) -> None:
    with partial.whole(previous) as whole, files.opened(whole, "mode=rw") as kept:
        files.copy_pages(connection, kept, watch)


def _set_aside(target: Path, previous: Path) -> None:
    """Move a file away that cannot be opened, with what lies beside it."""
    for name in (*partial.COMPANIONS, ""):
        beside = target.with_name(target.name + name)
        if beside.exists():
            beside.rename(previous.with_name(previous.name + name))


def _standing(connection: Any) -> Standing:
    """How far an SQLite database has counted; a damaged one may not tell."""
    tables = files.tables_of(connection)
    if not {"hosts", "scopes", "changes"} <= set(tables):
        return Standing()
    try:
        ((touched,),) = connection.execute("SELECT coalesce(max(touched), 0) FROM scopes")
        return Standing(
            dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()),
            dict(connection.execute("SELECT name, fence FROM hosts").fetchall()),
            touched,
        )
    except sqlite_module().Error:
        return Standing()


def require_backup(path: Path) -> None:
    """Make sure that the file alone is what it holds.

    Raises:
        Refused: It is not there; or it is a live database, whose newest rows lie beside it.
        StoreError: This user may not look.
    """
    if not (is_there(path) and path.is_file()):
        raise Refused(f"there is no file {path}; name one that `feedwright backup` made")
    for name in partial.COMPANIONS:
        beside = path.with_name(path.name + name)
        if beside.exists() and beside.stat().st_size:
            raise Refused(
                f"{beside.name} lies beside {path}: that is a live database, and not a backup;"
                " make one with `feedwright backup`"
            )
