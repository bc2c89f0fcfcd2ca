"""A newsroom that pulls from sources whose documents are set by hand; only the wire is not real."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace
from requests.structures import CaseInsensitiveDict

from feeds.model import Entry, Feed, Format, Tombstone
from feeds.writing import write
from service import ingest
from service.fetch import Answer
from service.model import Selection, Status
from service.store import articles, merges, sources
from tests.newsroom import NOW
from tests.service.lantern import kept_of

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import Article, EntryRecord, PollOutcome
    from service.runtime import Runtime
    from service.store.merges import Merge

LANTERN, UNCLEAR = "https://lantern.example/feed.atom", "https://unclear.example/other.rss"
ADDRESSES = {"lantern": LANTERN, "unclear": UNCLEAR}
DIALLED = {"http://127.0.0.1:9/feed.atom": LANTERN, "http://127.0.0.1:9/other.rss": UNCLEAR}
PROSE = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(80))  # no two the same


@dataclass
class Wire:
    """Answers by address, as the guarded way out gives them."""

    said: dict[str, Answer] = field(default_factory=dict)

    def get(self, url: str, **_: object) -> Answer:
        """What was said last at that address; 404 where nothing was."""
        return self.said.get(url) or Answer(status=404, url=url, headers=CaseInsensitiveDict())

    def say(self, url: str, body: bytes, content_type: str = "application/atom+xml") -> None:
        """Let that be what is answered from now on."""
        headers = CaseInsensitiveDict({"Content-Type": content_type})
        self.said[url] = Answer(
            status=200, url=url, headers=headers, body=body, wire_bytes=len(body)
        )


@dataclass
class Desk:
    """What a test does with the newsroom, and what it looks at."""

    runtime: Runtime
    wire: Wire
    file: Path  # config.toml

    def bring(
        self, *items: Entry, source: str = "lantern", stones: tuple[Tombstone, ...] = ()
    ) -> PollOutcome:
        """Poll a source whose document is these entries."""
        url = ADDRESSES[source]
        return self.bring_bytes(document(*items, url=url, stones=stones), source=source)

    def bring_bytes(
        self, body: bytes, *, source: str = "lantern", content_type: str = "application/atom+xml"
    ) -> PollOutcome:
        """Poll a source whose document is that."""
        self.wire.say(ADDRESSES[source], body, content_type)
        return self.poll(source)

    def poll(self, source: str = "lantern") -> PollOutcome:
        """Poll a source that says what it said before."""
        return ingest.poll_named(self.runtime, source, owner="test")

    def shown(self, slug: str | None = None) -> list[Article]:
        """What is published, the newest first; of one source, if one is named."""
        with self.runtime.store.reading() as tx:
            found = articles.select(tx, Selection(), limit=200)
        return [it for it in found if slug in (None, it.source)]

    def titles(self) -> list[str]:
        """The titles of all that is published, in their order."""
        return sorted(it.title for it in self.shown())

    def listed(self, status: Status) -> list[Article]:
        """All articles of a status."""
        with self.runtime.store.reading() as tx:
            return articles.listed(tx, status=status, limit=200)

    def merges(self) -> list[Merge]:
        """What was taken for one article, the latest first."""
        with self.runtime.store.reading() as tx:
            return merges.listed(tx, limit=200)

    def kept(self, key: str, source: str = "lantern") -> EntryRecord | None:
        """The entry of that key."""
        with self.runtime.store.reading() as tx:
            return kept_of(tx, self.source_id(source), key)

    def kept_by(self, found: list[Article], guid: str) -> int:
        """The row id of the article of that id."""
        return next(it.id for it in found if it.guid == guid)

    def mend(self) -> None:
        """Let ids that have changed be mended."""
        config = self.runtime.config
        mending = [it.model_copy(update={"mend_ids": True}) for it in config.sources]
        self.runtime = replace(
            self.runtime, config=config.model_copy(update={"sources": tuple(mending)})
        )

    def source_id(self, slug: str) -> int:
        """The row id of a source."""
        with self.runtime.store.reading() as tx:
            found = sources.at(tx, slug)
        assert found
        return found.id

    def pass_time(self, **span: float) -> datetime:
        """Let time pass; gives the new time."""
        self.runtime.clock.advance(timedelta(**span).total_seconds())  # type: ignore[attr-defined]
        return self.runtime.clock.now()


def entry(number: int, **changed: object) -> Entry:
    """An entry of the first source, with text enough to know it by."""
    site = "https://lantern.example"
    made = Entry(
        id=f"{site}/2026/story-{number}",
        title=f"Story {number} of the coast",
        link=f"{site}/2026/story-{number}",
        published=NOW - timedelta(hours=number),
        updated=NOW - timedelta(hours=number),
        content=f"<p>Report {number}: {PROSE}</p>",
    )
    return replace(made, **changed)


def document(*items: Entry, url: str = LANTERN, stones: tuple[Tombstone, ...] = ()) -> bytes:
    """An Atom document as the site at that address would write it."""
    site = url.rpartition("/")[0]
    moments = [it.updated for it in items if it.updated] + [it.when for it in stones]
    feed = Feed(
        id=f"{site}/",
        title=site.rpartition("/")[2],
        link=f"{site}/",
        self_link=url,
        updated=max(moments, default=NOW),
        entries=items,
        tombstones=stones,
    )
    return write(feed, Format.ATOM)
