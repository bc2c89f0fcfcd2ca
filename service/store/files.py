"""SQLite files as wholes: copied while they are written to, examined, and held by nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from service.errors import Refused, StoreDamaged, StoreError
from service.store.schema import FULL_TEXT
from service.store.sqlite import is_senseless, make_file, sqlite_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Watch = Callable[[str, float], None]  # the stage, and how much of it is done, of 1

_LOOK = 0.1  # seconds between two looks at a long statement
_STEP = 500  # pages copied between two looks


class Examined(Struct, frozen=True):
    """What a sound file holds."""

    revision: str  # of the schema
    rows: dict[str, int]  # of each table


@contextmanager
def opened(path: Path, access: str) -> Iterator[Any]:
    """A bare connection; `access` is what SQLite calls `mode=rw`, `mode=rwc` or `immutable=1`.

    Raises:
        StoreDamaged: SQLite cannot make sense of it.
        StoreError: SQLite cannot do what is asked of it.
    """
    driver = sqlite_module()
    try:
        with closing(
            driver.connect(
                f"{path.absolute().as_uri()}?{access}",
                uri=True,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
            )
        ) as connection:
            yield connection
    except driver.Error as error:
        refusal = StoreDamaged if is_senseless(error) else StoreError
        raise refusal(f"SQLite cannot use {path}: {error}") from error


def size(path: Path) -> int:
    """How large the database is, in bytes, its write-ahead log folded in."""
    with opened(path, "mode=rw") as connection:
        ((pages,),) = connection.execute("PRAGMA page_count")
        ((each,),) = connection.execute("PRAGMA page_size")
    return int(pages) * int(each)


def copy_live(source: Path, target: Path, watch: Watch) -> None:
    """Write the state of this moment into the empty file `target`; nobody has to wait for it."""
    expected = max(1, size(source))
    with opened(source, "mode=rw") as connection:
        run(
            connection,
            "VACUUM INTO ?",
            (str(target),),
            look=lambda: watch("copying", min(1.0, target.stat().st_size / expected)),
        )


def copy_pages(source: Any, target: Any, watch: Watch) -> None:
    """Make one database the other, page by page, in one transaction of `target`."""
    source.backup(
        target,
        pages=_STEP,
        progress=lambda _, left, every: watch("copying", 1 - left / max(1, every)),
    )


def run(
    connection: Any, statement: str, values: tuple[object, ...] = (), *, look: Callable[[], None]
) -> list[Any]:
    """Run a statement that takes long; look after it meanwhile, and end it when that raises."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: connection.execute(statement, values).fetchall())
        try:
            while wait([running], timeout=_LOOK).not_done:
                look()
        except BaseException:  # Ctrl-C, above all
            connection.interrupt()
            raise
        rows: list[Any] = running.result()
        return rows


def examine(path: Path, watch: Watch) -> Examined:
    """Look whether the file is sound throughout; it is of nobody else's, and closed.

    Raises:
        StoreError: It is damaged, incomplete, or no database of feedwright's.
    """
    with opened(path, "immutable=1") as connection:
        _check(connection, path, watch)
        tables = tables_of(connection)
        if "alembic_version" not in tables:
            raise StoreError(f"{path} is no database of feedwright's")
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        if len(revisions) != 1:
            raise StoreError(f"{path} does not tell its schema; its making was interrupted")
        return Examined(revisions[0][0], {name: count(connection, name) for name in tables})


def _check(connection: Any, path: Path, watch: Watch) -> None:
    found = run(connection, "PRAGMA integrity_check(3)", look=lambda: watch("checking", 0))
    if found != [("ok",)]:
        raise StoreError(f"{path} is damaged: {'; '.join(row[0] for row in found)}")
    lost = run(connection, "PRAGMA foreign_key_check", look=lambda: watch("checking", 0.7))
    if lost:
        raise StoreError(f"{path} is damaged: {len(lost)} rows lack what they refer to")
    watch("checking", 1)


def tables_of(connection: Any) -> list[str]:
    """The names of all tables but SQLite's own and what an index of its FTS5 consists of."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY name"
    )
    return [name for (name,) in found if not name.startswith(FULL_TEXT)]


def columns_of(connection: Any, table: str) -> list[str]:
    """The names of a table's columns, in order."""
    found = connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))
    return [name for (name,) in found]


def count(connection: Any, table: str) -> int:
    """How many rows a table has."""
    ((rows,),) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()  # noqa: S608  # from the schema
    return int(rows)


@contextmanager
def sole(path: Path) -> Iterator[Any]:
    """A connection that nobody else can share the database with until the block ends.

    Leaving WAL mode takes that, and folds in what a killed process left in its write-ahead log.

    Raises:
        Refused: Something else has the database open.
    """
    driver = sqlite_module()
    make_file(path)
    with opened(path, "mode=rwc") as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            ((mode,),) = connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except driver.OperationalError as error:
            if "locked" not in str(error):
                raise
            mode = "locked"
        if mode != "delete":
            raise Refused(f"{path} is in use; stop the service (and all that reads it) first")
        yield connection


def leave_wal(path: Path) -> None:
    """Fold the write-ahead log into a file of our own: the file alone is the database then."""
    with opened(path, "mode=rw") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def checkpoint(path: Path) -> bool:
    """Empty the write-ahead log into the database; not when anybody would have to wait for it."""
    with opened(path, "mode=rw") as connection:
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy
