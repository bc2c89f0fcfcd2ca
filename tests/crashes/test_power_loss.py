"""P2: what a power cut leaves is a state that once was, with everything in it that was acknowledged."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from service import runtime as running
from service.config import Config
from tests.crashes import journal
from tests.crashes.audit import books, integrity, opened, sqlite_files
from tests.crashes.ledger import Books, Ledger
from tests.crashes.lives import KILLED, Moment, Nursery, Order
from tests.fakes import ManualClock
from tests.newsroom import NOW

_APART = 3  # acknowledgements between two copies
_SYNC = re.compile(r"f(?:data)?sync\(\d+<(?P<file>[^>]*)>\)")
_WRITE = re.compile(r"(?:pwrite64|write)\(\d+<(?P<file>[^>]*)>")
_ACK = '"{\\"ack'  # how a line of the journal begins in strace's spelling

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # whose files are ours


@pytest.fixture
def order(configure: Callable[..., Config], tmp_path: Path) -> Callable[..., Order]:
    """A life at the desk."""
    config = configure()
    running.prepare(config, clock=ManualClock(NOW))

    def make(**more) -> Order:
        args = {"life": 1, "now": NOW.isoformat(), "rounds": 5000, "books": {}}
        args |= more.pop("args", {})
        return Order("saves", config.file, tmp_path / "journal", args, **more)

    return make


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("copies", [50, pytest.param(200, marks=pytest.mark.soak)])
@sqlite_only
def test_every_copy_of_a_moment_holds_all_that_was_acknowledged(
    order, database, tmp_path: Path, copies
):
    chance = random.Random(copies)
    folders = [tmp_path / f"copy-{number}" for number in range(copies)]
    moments = [
        Moment(number * _APART, chance.uniform(0, 0.004), str(folder))
        for number, folder in enumerate(folders)
    ]
    for folder in folders:
        folder.mkdir()
    last = Moment(copies * _APART, 0)
    with Nursery(tmp_path / "log") as nursery:
        ended = nursery.raise_one(order(moments=(*moments, last), copied=sqlite_files(database)))
    assert ended == KILLED
    for folder in folders:
        found = state(folder / "test.db")
        assert Ledger().settle(journal.read(folder / "journal"), found) == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("cuts", [50, pytest.param(200, marks=pytest.mark.soak)])
@sqlite_only
def test_a_log_that_lost_its_end_is_a_state_that_once_was(order, database, tmp_path: Path, cuts):
    """A power cut may lose any end of the log that was not yet forced to the disk."""
    chance = random.Random(cuts)
    with Nursery(tmp_path / "log") as nursery:
        life = order(moments=(Moment(60, 0.003),), args={"checkpoints": False})
        assert nursery.raise_one(life) == KILLED
    once = history(journal.read(tmp_path / "journal"))
    file, log = sqlite_files(database)
    whole = log.read_bytes()
    ages = []
    for size in sorted(chance.randint(0, len(whole)) for _ in range(cuts)):
        folder = tmp_path / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(file, folder)
        (folder / log.name).write_bytes(whole[:size])
        ages.append(once.index(state(folder / file.name)))
    assert ages == sorted(ages)
    assert len(set(ages)) > cuts // 5, "hardly any cut fell between two states"


def state(path: Path) -> Books:
    """What a database file holds, sound as it is."""
    engine = opened(path)
    with engine.connect() as tx:
        assert list(integrity(tx)) == []
        found = books(tx)
    engine.dispose()
    return found


def history(lines: list[journal.Line]) -> list[Books]:
    """Every state that the desk went through."""
    states: list[Books] = [{}]
    for line in lines:
        for step in line.get("steps", ()):
            states.append(states[-1] | {slug: (version, status) for slug, version, status in step})
    return states


def test_commits_are_forced_to_the_disk(store):
    with store.writing() as tx:
        if store.is_sqlite:
            assert tx.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        else:
            assert tx.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


@pytest.mark.needs("strace")
@sqlite_only
def test_the_log_is_forced_to_the_disk_before_anything_is_acknowledged(
    order, database, tmp_path: Path
):
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,pwrite64,write"
    strace = ("strace", "-f", "-y", "-e", calls, "-s", "40", "-o", str(trace))
    with Nursery(tmp_path / "log", wrapper=strace) as nursery:
        nursery.raise_one(order(args={"rounds": 8}))
    _, log = sqlite_files(database)
    unforced, forced, acknowledged = 0, 0, 0
    for line in trace.read_text().splitlines():
        sync, write = _SYNC.search(line), _WRITE.search(line)
        if sync and sync["file"] == str(log):
            unforced, forced = 0, forced + 1
        elif write and write["file"] == str(log):
            unforced += 1
        elif _ACK in line:
            acknowledged += 1
            assert not unforced, f"told before it was safe: {line}"
            assert forced >= acknowledged
    assert acknowledged >= 8
