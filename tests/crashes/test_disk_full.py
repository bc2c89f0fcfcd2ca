"""P7: a disk that fills up loses nothing that was acknowledged, says what is wrong, and heals by itself."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from feeds.model import Entry, Feed, Format, Person
from feeds.writing import write
from service import config as configuration
from service import ingest, newsroom, tasks
from service import runtime as running
from service.config import Config
from service.errors import StoreError, StoreFull
from service.model import Status
from service.runtime import Current, Runtime
from service.store import sources
from tests.crashes.audit import books, integrity
from tests.crashes.workloads import draft
from tests.fakes import ManualClock, Reply, Upstream
from tests.newsroom import NOW

_SPARE = 400_000  # bytes that the files may still grow by
_NOISE = Random(1).randbytes(400_000).hex(" ", 4)  # which no packing makes small
_LARGE = f"<p>{_NOISE}</p>"  # a good deal more than that

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # whose files are ours
both_ways = pytest.mark.parametrize("filling", ["limit", "disk"])


@dataclass(frozen=True, slots=True)
class Room:
    """What the database may still take up."""

    path: Path
    is_disk: bool

    def is_told_by(self, error: StoreError) -> bool:
        """Whether an operator learns from the error what to do; to SQLite a limit is a failed write."""
        if self.is_disk:
            return isinstance(error, StoreFull) and "make room" in str(error)
        return type(error) is StoreError and "a limit on files" in str(error)

    def take(self) -> None:
        """Leave hardly any."""
        if self.is_disk:
            free = shutil.disk_usage(self.path.parent).free
            (self.path.parent / "ballast").write_bytes(b"x" * max(free - _SPARE, 0))
            return
        size = max(it.stat().st_size for it in self.path.parent.glob(self.path.name + "*"))
        _limit(size + _SPARE)

    def give(self) -> None:
        """Give it back."""
        (self.path.parent / "ballast").unlink(missing_ok=True)
        _limit(resource.RLIM_INFINITY)


def _limit(size: int) -> None:
    """Files of this process may not grow beyond that many bytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 3 MB, mounted there."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root, and a system that lets it")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def room(filling: str, database: str, tmp_path: Path) -> Iterator[Room]:
    """The database, where its room can be taken away."""
    path = Path(database.removeprefix("sqlite:"))
    if filling == "limit":
        held = Room(path, is_disk=False)
        yield held
        held.give()
        return
    with small_disk(tmp_path / "disk"):
        moved = tmp_path / "disk" / path.name
        shutil.move(path, moved)
        yield Room(moved, is_disk=True)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def site(
    room: Room,
    database: str,
    configure: Callable[..., Config],
    clock: ManualClock,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Runtime]:
    config = configure(
        ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
        (
            'gap = "0s"',
            f'gap = "0s"\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]',
        ),
    )
    config.file.write_text(
        config.file.read_text().replace(database, f"sqlite:{room.path}"), encoding="utf-8"
    )
    config = configuration.load(config.file)
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock) as held:
        yield held


def write_one(site: Runtime, number: int) -> str:
    slug = f"story-{number}"
    newsroom.write(site, draft(slug, 1, Status.PUBLISHED, NOW))
    return slug


def write_until_full(site: Runtime) -> tuple[set[str], StoreError]:
    """Write on and on. Gives what was acknowledged, and the error that ended it."""
    kept: set[str] = set()
    for number in range(5000):
        try:
            kept.add(write_one(site, number))
        except StoreError as error:
            return kept, error
    raise AssertionError("the disk was never full")


def stored(site: Runtime) -> set[str]:
    with site.store.reading() as tx:
        assert list(integrity(tx)) == []
        return set(books(tx))


@sqlite_only
@both_ways
def test_a_full_disk_keeps_what_was_acknowledged_and_heals(site, room):
    room.take()
    for _ in range(3):  # to fill it again is no different
        kept, error = write_until_full(site)
        assert room.is_told_by(error)
        assert stored(site) >= kept  # also: readers are served all the while
    room.give()
    slug = write_one(site, 9999)
    assert stored(site) == kept | {slug}


def large_feed() -> bytes:
    entry = Entry(
        id="tag:lantern.example,2026:1",
        title="A long story",
        link="https://lantern.example/1",
        authors=(Person("Cleo Duarte"),),
        published=NOW,
        updated=NOW,
        content=_LARGE,
    )
    feed = Feed(
        id="tag:lantern.example,2026:feed", title="The Lantern", updated=NOW, entries=(entry,)
    )
    return write(feed, Format.ATOM)


@sqlite_only
@both_ways
def test_a_full_disk_is_not_the_partners_failure(site, room, upstream, clock):
    upstream.script("/feed.atom", Reply(body=large_feed()))
    host = f"127.0.0.1:{upstream.port}"
    room.take()
    with pytest.raises(StoreError):
        ingest.poll_host(site, host, owner="test")
    with site.store.reading() as tx:
        source = sources.at(tx, "lantern")
    assert (source.failures, source.last_error, source.etag) == (0, None, None)
    room.give()
    clock.advance(2 * 3600)
    (outcome,) = ingest.poll_host(site, host, owner="test")
    assert outcome.imported == 1


@sqlite_only
@pytest.mark.parametrize("filling", ["limit"])
def test_nobody_is_asked_while_nothing_can_be_written(site, upstream):
    upstream.script("/feed.atom", Reply(404))
    for number in range(20):
        write_one(site, number)
    pollers = tasks.Pollers(2)
    with capture_logs() as told:
        _limit(32 * 1024)  # bytes, which the database has long passed
        pollers.look(Current(site))
        pollers.close()
        _limit(resource.RLIM_INFINITY)
    assert {it["event"] for it in told} == {"polling broke"}
    assert upstream.journal == []
    pollers = tasks.Pollers(2)
    pollers.look(Current(site))
    pollers.close()
    assert [it.path for it in upstream.journal] == ["/feed.atom"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_full_disk_of_postgresql_is_told_apart(store):
    failing = "DO $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"
    with pytest.raises(StoreFull, match="full"), store.writing() as tx:
        tx.execute(text(failing))
