"""The Tidewater Courier: an invented partner newsroom that publishes, edits and withdraws as you watch."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.model import Category, Entry, Feed, Format, License, Person, Tombstone
from feeds.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = 30  # stories in the feed
_PLACES = ("Harrow Quay", "Lower Senn", "Mirefield", "Osk Bay", "Tarn Bridge")
_SUBJECTS = (
    ("energy", "northern-europe", "{place} lights its market hall with shared panels"),
    ("water", "great-lakes", "{place} measures its wells from the library roof"),
    ("housing", "pacific-islands", "Empty workshops in {place} become forty flats"),
    ("public-health", "andes", "{place} brings the clinic to the bus stop"),
    ("local-government", "west-africa", "{place} lets residents write one page of the budget"),
)
_PEOPLE = ("Ines Falk", "Jonas Areh", "Mira Oldane", "Teo Brandt")
_THEMES = "https://courier.example/theme"
_REGIONS = "https://courier.example/region"


@dataclass(frozen=True, slots=True)
class Story:
    """One story as it stands now."""

    number: int
    entry: Entry
    edits: int = 0


class Partner:
    """The newsroom: `step()` does the next thing it would do, `feed()` is what it shows."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._stories: dict[int, Story] = {}
        self._withdrawn: list[Tombstone] = []
        self._numbers = count(1)
        self._acts = cycle((self.publish, self.publish, self.edit, self.publish, self.withdraw))

    def step(self) -> None:
        """Publish, edit or withdraw, each in its turn."""
        next(self._acts)()

    def publish(self) -> Entry:
        """Publish a new story, signed by two people and the newsroom."""
        with self._lock:
            number = next(self._numbers)
            entry = _story(self._address, number, datetime.now(UTC))
            self._stories[number] = Story(number, entry)
        return entry

    def edit(self) -> Entry:
        """Add a paragraph to the newest story."""
        with self._lock:
            number = max(self._stories)
            story = self._stories[number]
            entry = replace(
                story.entry,
                title=f"{(story.entry.title or '').removesuffix(' (updated)')} (updated)",
                content=f"{story.entry.content}<p>Note {story.edits + 1}: a figure was corrected.</p>",
                updated=datetime.now(UTC),
            )
            self._stories[number] = Story(number, entry, story.edits + 1)
        return entry

    def withdraw(self) -> Tombstone:
        """Take the oldest story back, and say so."""
        with self._lock:
            story = self._stories.pop(min(self._stories))
            stone = Tombstone(story.entry.id or "", datetime.now(UTC), "Withdrawn by the Courier")
            self._withdrawn.append(stone)
        return stone

    def feed(self) -> bytes:
        """The newsroom's feed, Atom."""
        with self._lock:
            entries = [story.entry for story in self._stories.values()][::-1][:_KEPT]
            tombstones = tuple(self._withdrawn[::-1][:_KEPT])
        moments = [entry.updated for entry in entries if entry.updated]
        moments += [stone.when for stone in tombstones]
        feed = Feed(
            id="tag:courier.example,2026:feed",
            title="The Tidewater Courier",
            subtitle="An invented partner newsroom",
            link=f"{self._address}/",
            self_link=f"{self._address}/feed.atom",
            language="en",
            updated=max(moments, default=datetime(2026, 1, 1, tzinfo=UTC)),
            authors=(Person("The Tidewater Courier"),),
            rights="Copyright (c) The Tidewater Courier",
            license=License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
            entries=tuple(entries),
            tombstones=tombstones,
        )
        return write(feed, Format.ATOM)

    def page(self, number: int) -> str | None:
        """The page of a story, HTML."""
        with self._lock:
            story = self._stories.get(number)
        if story is None:
            return None
        title = escape(story.entry.title or "")
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            f"<h1>{title}</h1>{story.entry.content}"
        )


def _story(address: str, number: int, now: datetime) -> Entry:
    theme, region, headline = _SUBJECTS[number % len(_SUBJECTS)]
    place = _PLACES[(number // len(_SUBJECTS) + number) % len(_PLACES)]
    first, second = (_PEOPLE[(number + step) % len(_PEOPLE)] for step in (0, 1))
    title = headline.format(place=place)
    return Entry(
        id=f"tag:courier.example,2026:story-{number}",
        title=f"{title} ({number})",
        link=f"{address}/stories/{number}",
        authors=(Person(first), Person(second), Person("The Tidewater Courier")),
        published=now,
        updated=now,
        summary=f"{title}: what was tried, what it cost, and what neighbours make of it.",
        content=(
            f"<p>{title}. The plan took two winters to agree on and one summer to carry out.</p>"
            f"<p>“We began with what we could measure,” said a resident of {place}.</p>"
        ),
        categories=(Category(theme, _THEMES), Category(region, _REGIONS)),
        rights=f"Copyright (c) The Tidewater Courier, {first} and {second}, {now.year}",
        license=License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
    )


class _Handler(BaseHTTPRequestHandler):
    """Serves the feed with an ETag, and the page of each story."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer the feed, 304 when it is known, or a story's page."""
        if self.path == "/feed.atom":
            self._answer_feed()
            return
        name = self.path.rpartition("/")[2]
        page = self.server.partner.page(int(name)) if name.isdecimal() else None
        if page is None:
            self._send(404, b"gone or never here", "text/plain")
        else:
            self._send(200, page.encode(), "text/html; charset=utf-8")

    def _answer_feed(self) -> None:
        body = self.server.partner.feed()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._send(304, b"", None, etag)
        else:
            self._send(200, body, "application/atom+xml; charset=utf-8", etag)

    def _send(self, status: int, body: bytes, kind: str | None, etag: str | None = None) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("ETag", etag)):
            if value:
                self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.answered.append((self.path, status))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Stay silent: the demo's terminal belongs to feedwright."""


class Server(ThreadingHTTPServer):
    """The partner's web server; `answered` lists every (path, status) it gave."""

    daemon_threads = True

    def __init__(self, partner: Partner, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.partner = partner
        self.answered: list[tuple[str, int]] = []


def running(server: Server) -> Iterator[Server]:
    """Serve in the background until the generator is closed."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
