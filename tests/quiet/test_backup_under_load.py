"""P15: backups made while 200 articles a second come in are whole, and nobody has to wait for them."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from service import config as configuration
from service.config import database_url
from service.model import Article
from service.store import Store, articles
from service.store.schema import articles as kept
from service.store.schema import bylines, changes, filings, positions, scopes
from tests import newsroom
from tests.newsroom import NOW
from tests.service.keeping import backup, config_for, new_postgresql, restore

RATE = 200  # articles a second
TOGETHER = 50  # articles in one transaction, as many as an import writes
KEPT_UP = 0.95  # of RATE: the last transaction may be under way
MOST_STALL = 0.250  # seconds that a writer may wait longer because of a backup


def _draft(number: int) -> Article:
    return newsroom.article(
        number,
        published=NOW,
        authors=(newsroom.ADA, newsroom.BEN),
        categories=(newsroom.ENERGY, newsroom.NORTH),
        content=f"<p>{'Text. ' * 400}</p>",
    )


@dataclass
class Writer:
    """Writes articles at RATE, a few to a transaction, and takes down how long each of those took."""

    store: Store
    acknowledged: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)  # when, how long: seconds
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        due = time.monotonic()
        while not self.stopping.wait(max(0, due - time.monotonic())):
            first, begun = self.acknowledged + 1, time.monotonic()
            drafts = [_draft(number) for number in range(first, first + TOGETHER)]
            with self.store.writing() as tx:
                articles.save(tx, drafts, now=NOW)
            self.acknowledged += TOGETHER
            self.waits.append((begun, time.monotonic() - begun))
            due += TOGETHER / RATE

    def worst(self, since: float, until: float) -> float:
        """The longest wait of those that lie in that time, if only in part."""
        within = (wait for begun, wait in self.waits if begun <= until and since <= begun + wait)
        return max(within, default=0.0)


@contextmanager
def writing(store):
    writer = Writer(store)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield writer
    finally:
        writer.stopping.set()
        thread.join()


def check(database: str, acknowledged: int) -> int:
    """The articles there: whole, without a gap from the first, and no fewer than were acknowledged."""

    def count(table, *where) -> int:
        return tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one()

    with closing(Store(database)) as store, store.reading() as tx:
        if store.is_sqlite:
            assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert tx.execute(text("PRAGMA foreign_key_check")).all() == []
        slugs = sorted(int(it[8:]) for it in tx.execute(select(kept.c.slug)).scalars())
        number = len(slugs)
        assert slugs == list(range(1, number + 1))
        assert number >= acknowledged
        assert number % TOGETHER == 0
        for table in (bylines, filings):
            each = select(func.count()).select_from(table).group_by(table.c.article_id)
            assert list(tx.execute(each).scalars()) == [2] * number
        assert count(positions, positions.c.scope == "all") == number
        assert count(changes, changes.c.scope == "all") == number // TOGETHER  # one a commit
        last = select(scopes.c.last_number).where(scopes.c.scope == "all")
        assert tx.execute(last).scalar_one() == number
    return number


def _backup(file: Path, target: Path) -> None:
    backup(configuration.load(file), target)


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class Measured:
    """Backups made one after the other, each after as long a time without one."""

    def __init__(self, writer: Writer, processes, config, folder: Path) -> None:
        self._writer, self._processes, self._config, self._folder = (
            writer,
            processes,
            config,
            folder,
        )
        self.files: list[
            tuple[Path, int]
        ] = []  # and how many articles were acknowledged before each
        self.apart = self.during = 0.0  # the worst write, seconds
        self.rate = 0.0  # articles a second

    @property
    def is_well(self) -> bool:
        """Whether writing went on at RATE, and no writer waited too long because of a backup."""
        return self.during - self.apart <= MOST_STALL and self.rate >= KEPT_UP * RATE

    def run(self, backups: int) -> None:
        """Measure so many."""
        first, begun = self._writer.acknowledged, time.monotonic()
        for _ in range(backups):
            file = self._folder / f"{len(self.files)}.db"
            self.files.append((file, self._writer.acknowledged))
            started = time.monotonic()
            process = self._processes.Process(target=_backup, args=(self._config.file, file))
            process.start()
            process.join()
            assert process.exitcode == 0
            ended = time.monotonic()
            time.sleep(ended - started)
            self.during = max(self.during, self._writer.worst(started, ended))
            self.apart = max(self.apart, self._writer.worst(ended, time.monotonic()))
        self.rate = (self._writer.acknowledged - first) / (time.monotonic() - begun)

    def again(self) -> None:
        self.apart = self.during = 0.0


@pytest.mark.parametrize("backups", [pytest.param(5), pytest.param(12, marks=pytest.mark.soak)])
@pytest.mark.timeout(300)
def test_backups_under_load_are_whole_and_hold_nobody_up(
    bare, postgresql, processes, tmp_path, backups
):
    with writing(bare.store) as writer:
        time.sleep(1)
        measured = Measured(writer, processes, bare.config, tmp_path)
        for _ in range(
            3
        ):  # a busy machine stalls anybody now and then; a backup's fault comes again
            measured.again()
            measured.run(backups)
            if measured.is_well:
                break
    figures = (
        f"worst write {measured.apart * 1e3:.0f} ms, during backups {measured.during * 1e3:.0f} ms"
    )
    logging.getLogger(__name__).info("%.0f articles/s; %s", measured.rate, figures)
    assert measured.is_well, f"{measured.rate:.0f} articles/s; {figures}"
    assert measured.files[-1][1] > measured.files[0][1] > 0
    sqlite = config_for(f"sqlite:{tmp_path}/restored.db", tmp_path / "sqlite")
    for url in new_postgresql(postgresql):
        for file, acknowledged in measured.files[-backups:]:
            for config in (sqlite, config_for(url, tmp_path / "postgresql")):
                restore(config, file)
                assert check(database_url(config), acknowledged) <= writer.acknowledged
