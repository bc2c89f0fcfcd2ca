"""The database after a life, asked by connections of the audit's own and held against what has to be so."""

from __future__ import annotations

import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from service.store import archives
from service.store.sqlite import sqlite_module
from tests.crashes.ledger import Books

_PATIENCE = 10  # seconds for PostgreSQL to notice that a client is dead
_VISIBLE = ("published", "retracted")

_ARTICLES = "SELECT id, slug, title, status, source FROM articles ORDER BY id"
_NEW = "SELECT number, scope FROM changes WHERE number > :number ORDER BY number"
_SCOPES = """
SELECT article_id, 'author:' || author_id AS scope FROM bylines WHERE role = 'author'
UNION ALL SELECT article_id, 'category:' || category_id FROM filings
"""
_NUMBERING = """
SELECT positions.scope, count(*) AS many, min(number) AS first, max(number) AS last, last_number
FROM positions LEFT JOIN scopes ON scopes.scope = positions.scope GROUP BY positions.scope, last_number
"""
_PARTS = """
SELECT article_id, count(*) AS many, min(position) AS first, max(position) AS last,
       count(DISTINCT {what}) AS different
FROM {table} GROUP BY article_id
"""
_NUMBERED = "SELECT article_id, scope, number FROM positions"
_NAMESAKES = """
SELECT source, folded, count(*) AS many FROM authors GROUP BY source, folded HAVING count(*) > 1
"""


def sqlite_files(database: str) -> tuple[Path, ...]:
    """The file of an SQLite database and its log; none of PostgreSQL."""
    if not database.startswith("sqlite:"):
        return ()
    path = database.removeprefix("sqlite:")
    return Path(path), Path(f"{path}-wal")


@dataclass(slots=True)
class Auditor:
    """Where the audit looks: a copy of SQLite's files, so that the next life has to recover by itself.

    Of PostgreSQL it keeps one connection until it is closed.
    """

    database: str
    folder: Path
    postgresql: Engine | None = None

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection to the database as the kill left it."""
        if self.database.startswith("sqlite:"):
            engine = self._sqlite()
        else:
            self.postgresql = engine = self.postgresql or self._postgresql()
        with engine.connect() as connection:
            if engine is self.postgresql:
                _wait_for_the_dead(connection)
            yield connection

    def close(self) -> None:
        """Close the connection."""
        if self.postgresql is not None:
            self.postgresql.dispose()

    def _sqlite(self) -> Engine:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for file in sqlite_files(self.database):
            if file.exists():
                shutil.copy(file, self.folder / file.name.replace(Path(file).stem, "copy", 1))
        return opened(self.folder / "copy.db")

    def _postgresql(self) -> Engine:
        url = make_url(self.database).set(drivername="postgresql+psycopg")
        return create_engine(url, connect_args={"application_name": "audit"})


def opened(path: Path) -> Engine:
    """A plain engine on an SQLite file."""
    return create_engine(f"sqlite:///{path}", module=sqlite_module(), poolclass=NullPool)


def _wait_for_the_dead(connection: Connection) -> None:
    """PostgreSQL brings a dead client's last statement to its end; until then nothing can be said."""
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'feedwright'")
    deadline = time.monotonic() + _PATIENCE
    while connection.execute(alive).scalar_one():
        connection.rollback()
        assert time.monotonic() < deadline, "PostgreSQL still serves a dead client"
        time.sleep(0.005)
    connection.rollback()


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as a reader sees it, and the feeds it stands in."""

    title: str
    status: str
    scopes: frozenset[str]


@dataclass(slots=True)
class Follower:
    """A cache that reads the change log and looks again only at what it names."""

    number: int = 0
    kept: dict[int, Seen] = field(default_factory=dict)

    def faults(self, tx: Connection, now: dict[int, Seen]) -> Iterator[str]:
        """What the cache has wrong once it has read on."""
        rows = tx.execute(text(_NEW), {"number": self.number}).all()
        touched = {row.scope for row in rows}
        self.number = max((row.number for row in rows), default=self.number)
        if "*" in touched:
            self.kept = now
            return
        before = dict(self.kept)
        for scope in touched:
            if scope.startswith("article:"):
                number = int(scope.partition(":")[2])
                self.kept.pop(number, None)
                if number in now:  # what is only scheduled is not seen yet
                    self.kept[number] = now[number]
        for row_id, seen in now.items():
            if self.kept.get(row_id) != seen:
                yield f"the change log does not tell of article {row_id}: {seen}"
            elif seen != before.get(row_id):
                old = before[row_id].scopes if row_id in before else frozenset()
                if missing := (old | seen.scopes) - touched:
                    yield f"the change log keeps {sorted(missing)} quiet of article {row_id}"


def books(tx: Connection) -> Books:
    """Every article by its slug: which text, and the status."""
    found = [(row.slug, version(row.title), row.status) for row in tx.execute(text(_ARTICLES))]
    return {slug: (number, status) for slug, number, status in found}


def version(title: str) -> int:
    """Which text of an article it is, by its title."""
    return int(title.rpartition(" v")[2])


def visible(tx: Connection) -> dict[int, Seen]:
    """What readers can see, by row id."""
    scopes = defaultdict[int, set[str]](set)
    for row_id, scope in tx.execute(text(_SCOPES)):
        scopes[row_id].add(scope)
    found = {}
    for row_id, _, title, status, source in tx.execute(text(_ARTICLES)):
        if status in _VISIBLE:
            scopes[row_id] |= {"all", f"article:{row_id}"} | (
                {f"source:{source}"} if source else set()
            )
            found[row_id] = Seen(title, status, frozenset(scopes[row_id]))
    return found


def visible_ids(tx: Connection) -> set[int]:
    """The row ids of what readers can see."""
    return {row_id for row_id, _, _, status, _ in tx.execute(text(_ARTICLES)) if status in _VISIBLE}


def faults(
    tx: Connection, seen: dict[int, Seen], *, parts: dict[str, tuple[str, int]]
) -> Iterator[str]:
    """What is torn or doubled; `parts` says of which column each article has how many, by table."""
    yield from _numbering(tx, seen)
    everything = {row.id for row in tx.execute(text(_ARTICLES))}
    for table, (what, many) in parts.items():
        rows = {row.article_id: row for row in _part(tx, table, what)}
        if rows.keys() != everything:
            yield f"{table} are missing of articles {sorted(everything ^ rows.keys())[:5]}"
        torn = [it for it in rows.values() if tuple(it[1:]) != (many, 0, many - 1, many)]
        yield from (f"{table} of an article are torn or doubled: {row}" for row in torn[:5])
    for row in tx.execute(text(_NAMESAKES)):
        yield f"an author is doubled: {row}"


def _part(tx: Connection, table: str, what: str) -> list[Row[Any]]:
    return list(tx.execute(text(_PARTS.format(table=table, what=what))))


def _numbering(tx: Connection, seen: dict[int, Seen]) -> Iterator[str]:
    for row in tx.execute(text(_NUMBERING)):
        if (row.first, row.last, row.last_number) != (1, row.many, row.many):
            yield f"the numbers of a scope have holes: {row}"
    numbered = defaultdict[int, set[str]](set)
    archived = Counter[tuple[int, str, int]]()
    for row_id, scope, number in tx.execute(text(_NUMBERED)):
        numbered[row_id].add(scope)
        archived[row_id, scope, archives.closed(number - 1)] += 1
    for row_id, it in seen.items():
        if missing := it.scopes - {f"article:{row_id}"} - numbered[row_id]:
            yield f"article {row_id} has no number in {sorted(missing)}"
    if doubled := [place for place, many in archived.items() if many > 1]:
        yield f"articles stand twice in one archive: {doubled[:5]}"
    if strange := numbered.keys() - seen.keys():
        yield f"articles that nobody sees have numbers: {sorted(strange)[:5]}"


def integrity(tx: Connection) -> Iterator[str]:
    """What SQLite itself finds broken."""
    if tx.dialect.name == "sqlite":
        if (told := tx.execute(text("PRAGMA integrity_check")).scalars().all()) != ["ok"]:
            yield f"the file is damaged: {told}"
        yield from (
            f"a row lost its parent: {row}" for row in tx.execute(text("PRAGMA foreign_key_check"))
        )
