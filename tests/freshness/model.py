"""The plain model: what the feeds of one author must tell, worked out from nothing but what was ordered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from service.model import Article, Author, Category, Status

CATEGORY = Category(scheme="theme", slug="energy", label="Energy")
Told = tuple[
    str, tuple[tuple[str, str, bool, str], ...]
]  # title; id, title, in full, author of each


@dataclass
class Piece:
    guid: str
    title: str
    published: datetime
    status: Status
    expires: datetime | None = None
    license: str = "house"


@dataclass
class Newsroom:
    """One author's articles, and the settings that concern them."""

    run: str
    now: datetime
    author: str
    site: str
    republish: str
    slug: str  # of the author, at present
    pieces: dict[str, Piece] = field(default_factory=dict)

    def draft(self, piece: Piece) -> Article:
        return Article(
            guid=piece.guid,
            slug=piece.guid.rpartition(":")[2],
            title=piece.title,
            content=f"<p>All of {piece.title}.</p>",
            summary="In short.",
            published=piece.published,
            updated=piece.published,
            expires=piece.expires,
            status=piece.status,
            license=piece.license,
            authors=(Author(slug=self.run, name=self.run),),
            categories=(CATEGORY,),
        )

    def settle(self) -> None:
        for piece in self.pieces.values():
            piece.status = self._status(piece)

    def _status(self, piece: Piece) -> Status:
        status = piece.status
        if status is Status.SCHEDULED and piece.published <= self.now:
            status = Status.PUBLISHED
        if status is Status.PUBLISHED and piece.expires and piece.expires <= self.now:
            status = Status.RETRACTED
        return status

    def told(self) -> Told:
        """What the author's feed says now."""
        shown = [
            piece
            for piece in self.pieces.values()
            if self._status(piece) is Status.PUBLISHED and piece.license != "closed"
        ]
        shown.sort(key=lambda piece: piece.published, reverse=True)
        entries = tuple(
            (piece.guid, piece.title, self.republish == "full", self.author)
            for piece in shown  # of so few no archive is closed yet, so the feed holds them all
        )
        return f"{self.author} · {self.site}", entries

    def written(self, status: Status) -> list[str]:
        return sorted(guid for guid, it in self.pieces.items() if self._status(it) is status)
