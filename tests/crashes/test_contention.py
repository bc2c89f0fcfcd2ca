"""P8: many writers and readers, of several processes, wait for each other and never fail for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from service import runtime as running
from service.config import Config
from service.errors import StoreBusy
from service.store import Store, meta
from service.store.sqlite import sqlite_module
from tests.crashes import journal
from tests.crashes.audit import Auditor, faults, visible
from tests.crashes.lives import ENDED, Nursery, Order
from tests.fakes import ManualClock
from tests.newsroom import NOW

# the audit waits until the server has no connection of the dead
pytestmark = pytest.mark.usefixtures("own_connections")

_PROCESSES = 2
_WRITER_LOCK = 0x66656564  # what every writer of a PostgreSQL database takes


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.soak)])
def test_writers_and_readers_of_two_processes_never_find_it_locked(
    configure: Callable[..., Config], database: str, tmp_path: Path, seconds
):
    config = configure()
    running.prepare(config, clock=ManualClock(NOW))

    def crowd(number: int) -> list[journal.Line]:
        args = {"life": number, "now": NOW.isoformat(), "seconds": seconds}
        order = Order("crowd", config.file, tmp_path / f"journal-{number}", args)
        with Nursery(tmp_path / f"log-{number}") as nursery:
            assert nursery.raise_one(order) == ENDED
        return journal.read(order.journal)

    with ThreadPoolExecutor(_PROCESSES) as pool:
        told = [line for lines in pool.map(crowd, range(_PROCESSES)) for line in lines]
    written = {line["saved"] for line in told if "saved" in line}
    assert [line for line in told if "error" in line] == []
    assert [line["did"] > 0 for line in told if "did" in line] == [True] * 8 * _PROCESSES
    assert len({slug.rpartition("-")[0] for slug in written}) == 4 * _PROCESSES
    with closing(Auditor(database, tmp_path / "audit")) as auditor, auditor.asking() as tx:
        seen = visible(tx)
        parts = {"bylines": ("author_id", 2), "filings": ("category_id", 2)}
        assert list(faults(tx, seen, parts=parts)) == []
    assert {it.title for it in seen.values()} == {f"{slug} v1" for slug in written}


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Somebody else writes, and takes long over it."""
    if store.is_sqlite:
        connection = sqlite_module().connect(store.sqlite_path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
    else:
        connection = psycopg.connect(store.url)
        connection.execute(b"SELECT pg_advisory_xact_lock(%d)" % _WRITER_LOCK)
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@pytest.mark.parametrize("seconds", [2, pytest.param(8, marks=pytest.mark.soak)])
def test_a_writer_waits_for_another_process(store, seconds):
    order: list[str] = []

    def write() -> None:
        with store.writing() as tx:
            order.append("written")
            meta.note(tx, "waited")

    writer = threading.Thread(target=write)
    with locked(store):
        writer.start()
        writer.join(seconds)
        order.append("released")
    writer.join()
    assert order == ["released", "written"]


@pytest.mark.parametrize(
    "patience", [{"wait": timedelta(seconds=0.3)}, pytest.param({}, marks=pytest.mark.soak)]
)
def test_a_writer_that_waited_too_long_says_so(store, patience):
    writers = 3

    def write(_: int) -> type[BaseException]:
        try:
            with store.writing(**patience) as tx:
                meta.note(tx, "never")
        except Exception as error:
            return type(error)
        return AssertionError

    with locked(store), ThreadPoolExecutor(writers) as pool:
        assert set(pool.map(write, range(writers))) == {StoreBusy}
    with store.writing() as tx:
        meta.note(tx, "afterwards")
