"""What lives do, each by public calls only, and until they are killed or have done what was asked."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from feeds.model import Feed
from feeds.reading import read
from service import config as configuration
from service import ingest, newsroom, transfer
from service import runtime as running
from service.model import Article, Author, Category, PollOutcome, Status
from service.parsing import Parser
from service.runtime import Runtime
from service.store import articles
from service.store import sources as stored_sources
from tests.crashes.journal import Journal
from tests.fakes import ManualClock

FIRST = datetime(2026, 1, 1, tzinfo=UTC)  # when the first article was published
CHUNK = 50  # articles that an import saves in one transaction
_STAFF = (
    "Ada Marsh",
    "Ben Okoro",
    "Cleo Duarte",
    "Dora Lind",
    "Emil Vey",
    "Fay Adeyemi",
    "Gus Holm",
)
_BATCHES = (9, 55, 12, 3, 20)  # files: fewer and more than a chunk
_EDITED = 3  # files of a batch that come again, changed, with the next
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Life:
    """A life's journal, the service's settings, and what is asked of it."""

    journal: Journal
    config: Path
    args: dict[str, Any]

    @contextmanager
    def runtime(self) -> Iterator[tuple[Runtime, ManualClock]]:
        """What a process holds open, with a clock that stands where the last life cannot have come."""
        clock = ManualClock(datetime.fromisoformat(self.args["now"]))
        config = configuration.load(self.config)
        with running.opened(config, clock=clock, parser=ReadingHere()) as runtime:
            yield runtime, clock


class ReadingHere(Parser):
    """Reads in the life itself: a reader's process would take longer to start than most lives last."""

    def read(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        known: Collection[str],
        spared: Collection[str] = (),
    ) -> Feed:
        return read(body, url=url, content_type=content_type, known=known)


# --- imports ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """An article's file in one of its versions."""

    slug: str
    version: int
    published: datetime

    @property
    def text(self) -> str:
        front = (
            f'title = "{self.slug} v{self.version}"',
            f"date = {self.published:%Y-%m-%dT%H:%M:%SZ}",
            f"authors = {list(byline(self.slug, self.version))}",
            'categories = { theme = ["energy"], region = ["islands"] }',
        )
        body = f"Text {self.version} of {self.slug}."
        return "\n".join(["+++", *front, "+++", "", body, ""])


def byline(slug: str, version: int) -> tuple[str, str]:
    """Two of the staff; another version has another second author."""
    first = sum(slug.encode()) % len(_STAFF)
    second = (first + 1 + version % (len(_STAFF) - 1)) % len(_STAFF)
    return _STAFF[first], _STAFF[second]


def batch(number: int) -> list[File]:
    """The files of a folder, in order of publication: some new, and some of the last one changed."""
    return sorted(
        [*_edited(number - 1), *_new(number)], key=lambda file: (file.published, file.slug)
    )


def _new(number: int) -> list[File]:
    start = sum(_BATCHES[n % len(_BATCHES)] for n in range(number))
    return [
        File(f"f{number}-{n}", 1, FIRST + timedelta(minutes=start + n))
        for n in range(_BATCHES[number % len(_BATCHES)])
    ]


def _edited(number: int) -> list[File]:
    fresh = _new(number)[:_EDITED] if number >= 0 else []
    return [File(file.slug, 2, file.published) for file in fresh]


def imports(life: Life) -> None:
    """Import folder after folder, from the first that was not acknowledged."""
    root, first = Path(life.args["root"]), life.args["first"]
    with life.runtime() as (runtime, _):
        for number in range(first, first + life.args["rounds"]):
            items = [(file.slug, file.version, Status.PUBLISHED) for file in batch(number)]
            steps = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
            life.journal.begin(steps=steps)
            report = transfer.import_path(
                runtime,
                root / str(number),
                progress=lambda file: life.journal.ack(settled=file.stem),
            )
            assert len(report.taken) == len(items), report.refused
            life.journal.ack(0, done=number)


# --- saves -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Desk:
    """An editor at work: writes, edits, schedules, releases, retracts and restores."""

    life: Life
    runtime: Runtime
    clock: ManualClock
    chance: random.Random
    books: dict[str, list[Any]]  # slug -> version, status, published

    def work(self, number: int) -> None:
        first = (self.write, self.write, self.edit, self.schedule)
        acts = (*first, self.retract, self.edit, self.release, self.restore)
        acts[number % len(acts)](f"a{self.life.args['life']}-{number}")

    def write(self, slug: str) -> None:
        self._save(slug, 1, Status.PUBLISHED, self.clock.now() - HOUR)

    def schedule(self, slug: str) -> None:
        self._save(slug, 1, Status.SCHEDULED, self.clock.now() + HOUR)

    def edit(self, _: str) -> None:
        slug = self._one(Status.PUBLISHED)
        version, status, published = self.books[slug]
        self._save(slug, version + 1, Status(status), datetime.fromisoformat(published))

    def release(self, _: str) -> None:
        self.clock.advance(2 * 3600)
        waiting = [slug for slug, book in self.books.items() if book[1] == Status.SCHEDULED]
        with self._promised(dict.fromkeys(waiting, Status.PUBLISHED)):
            newsroom.settle(self.runtime)

    def retract(self, _: str) -> None:
        slug = self._one(Status.PUBLISHED)
        with self._promised({slug: Status.RETRACTED}):
            newsroom.retract(self.runtime, self._path(slug), reason="Published by mistake.")

    def restore(self, _: str) -> None:
        slug = self._one(Status.RETRACTED)
        row_id = newsroom.find(self.runtime, self._path(slug)).id
        with self._promised({slug: Status.PUBLISHED}), self.runtime.store.writing() as tx:
            articles.restore(tx, row_id, now=self.clock.now())

    def _one(self, status: Status) -> str:
        """One of the articles of that status, now and then of a life long ago."""
        return self.chance.choice([slug for slug, book in self.books.items() if book[1] == status])

    def _path(self, slug: str) -> str:
        return f"{datetime.fromisoformat(self.books[slug][2]):%Y/%m}/{slug}"

    def _save(self, slug: str, version: int, status: Status, published: datetime) -> None:
        self.books[slug] = [version, status, published.isoformat()]
        with self._promised({slug: status}):
            saved = newsroom.write(self.runtime, draft(slug, version, status, published))
            assert saved.path == self._path(slug)

    @contextmanager
    def _promised(self, changes: dict[str, Status]) -> Iterator[None]:
        for slug, status in changes.items():
            self.books[slug][1] = status
        step = [(slug, self.books[slug][0], status) for slug, status in changes.items()]
        published = {slug: self.books[slug][2] for slug in changes}
        self.life.journal.begin(steps=[step], published=published)
        yield
        self.life.journal.ack(done=True)


def draft(slug: str, version: int, status: Status, published: datetime) -> Article:
    """An article as an editor hands it in."""
    return Article(
        title=f"{slug} v{version}",
        content=f"<p>Text {version} of {slug}.</p>",
        slug=slug,
        published=published,
        updated=published,
        status=status,
        authors=tuple(Author(name=name) for name in byline(slug, version)),
        categories=(
            Category(scheme="theme", slug="energy", label="Energy"),
            Category(scheme="region", slug="islands", label="Islands"),
        ),
    )


def saves(life: Life) -> None:
    """Sit at the desk."""
    chance = random.Random(life.args["life"])
    if not life.args.get("checkpoints", True):
        event.listen(Engine, "connect", _keep_the_log)
    with life.runtime() as (runtime, clock):
        desk = Desk(life, runtime, clock, chance, life.args["books"])
        for number in range(life.args["rounds"]):
            desk.work(number)


def _keep_the_log(connection: Any, _record: object) -> None:
    """Leave all that is written in SQLite's log."""
    connection.execute("PRAGMA wal_autocheckpoint=0")


# --- crowds ----------------------------------------------------------------------------------------


def crowd(life: Life) -> None:
    """Four who write and four who read, all at once, for some seconds."""
    end = time.monotonic() + life.args["seconds"]
    with life.runtime() as (runtime, _), ThreadPoolExecutor(8) as pool:
        for number in range(4):
            pool.submit(_in_crowd, life, end, partial(_write_on, life, runtime, number))
            pool.submit(_in_crowd, life, end, partial(_read_on, runtime))


def _in_crowd(life: Life, end: float, act: Callable[[int], dict[str, Any]]) -> None:
    count = 0
    try:
        while time.monotonic() < end:
            count += 1
            if told := act(count):
                life.journal.ack(**told)
    except Exception as error:
        life.journal.begin(error=repr(error))
    life.journal.begin(did=count)


def _write_on(life: Life, runtime: Runtime, number: int, count: int) -> dict[str, Any]:
    slug = f"c{life.args['life']}-{number}-{count}"
    newsroom.write(runtime, draft(slug, 1, Status.PUBLISHED, FIRST))
    return {"saved": slug}


def _read_on(runtime: Runtime, _count: int) -> dict[str, Any]:
    newsroom.listed(runtime, status=Status.PUBLISHED, limit=10)
    return {}


# --- polls -----------------------------------------------------------------------------------------


def polls(life: Life) -> None:
    """Poll every host that is due, again and again; two hours pass between the rounds."""
    owner = f"life {life.args['life']}"
    with life.runtime() as (runtime, clock):
        _let_leases_end(runtime)
        for _ in range(life.args["rounds"]):
            with runtime.store.reading() as tx:
                due = stored_sources.due_hosts(tx, clock.now(), limit=100)
            for host in due:
                if host in life.args["hosts"]:
                    for outcome in ingest.poll_host(runtime, host, owner=owner):
                        _tell(life.journal, outcome)
            clock.advance(2 * 3600)


def _let_leases_end(runtime: Runtime) -> None:
    """What lives before had claimed; leases go by the database's clock, which no test can move."""
    with runtime.store.writing() as tx:
        tx.execute(text("UPDATE hosts SET leased_until = 0 WHERE leased_until IS NOT NULL"))


def _tell(journal: Journal, outcome: PollOutcome) -> None:
    counts = [outcome.imported, outcome.edited, outcome.withdrawn]
    journal.ack(1 + sum(counts), poll=outcome.id, result=outcome.result, counts=counts)


WORK: dict[str, Callable[[Life], None]] = {
    "imports": imports,
    "saves": saves,
    "crowd": crowd,
    "polls": polls,
}
