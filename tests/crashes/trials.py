"""The newsroom's own articles: imported from files, and written at the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from tests.crashes import audit, workloads
from tests.crashes.journal import Line
from tests.crashes.ledger import Ledger
from tests.crashes.points import Point

_AHEAD = 8  # folders that lie ready for a life
_DAY = 400  # things to do for an editor, more than one gets done before the kill
_PARTS = {"bylines": ("author_id", 2), "filings": ("category_id", 2)}
_SAVING = (
    Point("service.store.newcomers.ensure_all", "after"),
    Point("service.store.categories.ensure", "after"),
    Point("service.store.changelog.append", "before"),
    Point("service.store.changelog.append", "after"),
    Point("service.store.archives.number", "before"),
    Point("service.store.archives.number", "after"),
)


@dataclass(slots=True)
class OwnArticles:
    """A trial whose articles are all the newsroom's own."""

    work: str
    points: tuple[Point, ...]
    parts: dict[str, tuple[str, int]] = field(default_factory=lambda: dict(_PARTS))
    once: int = 2
    most: int = 45
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def lost(self) -> int:
        return self.ledger.lost

    @property
    def doubled(self) -> int:
        return self.ledger.doubled

    def settle(self, lines: list[Line], tx: Connection) -> list[str]:
        return self.ledger.settle(lines, audit.books(tx))


@dataclass(slots=True)
class Imports(OwnArticles):
    """Folders of files, imported one after the other."""

    root: Path = field(kw_only=True)
    done: int = 0
    written: int = 0

    def args(self, _life: int) -> dict[str, Any]:
        while self.written < self.done + _AHEAD:
            folder = self.root / str(self.written)
            folder.mkdir(parents=True)
            for file in workloads.batch(self.written):
                (folder / f"{file.slug}.md").write_text(file.text)
            self.written += 1
        return {"root": str(self.root), "first": self.done, "rounds": _AHEAD}

    def settle(self, lines: list[Line], tx: Connection) -> list[str]:
        self.done += sum("done" in line for line in lines)
        return OwnArticles.settle(self, lines, tx)


def imports(root: Path) -> Imports:
    """The trial of `feedwright import`."""
    saved = Point("service.store.articles.save", "after")
    read = Point("service.transfer.importing.read_article", "after")
    return Imports("imports", (saved, read, *_SAVING), root=root)


@dataclass(slots=True)
class Saves(OwnArticles):
    """An editor's day."""

    once: int = 8
    most: int = 30
    published: dict[str, str] = field(default_factory=dict)

    def args(self, _life: int) -> dict[str, Any]:
        books = {
            slug: [version, status, self.published[slug]]
            for slug, (version, status) in self.ledger.books.items()
        }
        return {"books": books, "rounds": _DAY}

    def settle(self, lines: list[Line], tx: Connection) -> list[str]:
        for line in lines:
            self.published |= line.get("published", {})
        return OwnArticles.settle(self, lines, tx)


def saves() -> Saves:
    """The trial of writing, editing, scheduling, releasing, retracting and restoring."""
    names = ("save", "retract", "restore", "release_due")
    around = [Point(f"service.store.articles.{name}", "after") for name in names]
    return Saves("saves", (*around, *_SAVING))
