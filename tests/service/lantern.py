"""The Lantern: a partner on loopback, and a newsroom that pulls it by rules that a test can change."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from feeds.model import Category, Entry, Feed, Format, Person, Tombstone
from feeds.writing import write
from service import config as configuration
from service import ingest
from service import runtime as running
from service.model import Article, EntryRecord, PollOutcome, Selection, Source
from service.runtime import Runtime
from service.store import Transaction, articles, entries, sources
from service.store.entries import Fate
from tests.fakes import ManualClock, Reply, Request, Script, Upstream, conditional
from tests.newsroom import NOW

_ITS_LAST_KEY = 'license = "cc-by"\n\n[[sources]]'


def entry(number: int, **changed) -> Entry:
    """The story of that number, published so many hours ago."""
    moment = NOW - timedelta(hours=number)
    values = {
        "id": f"tag:lantern.example,2026:{number}",
        "title": f"Story {number}",
        "link": f"https://lantern.example/{number}",
        "authors": (Person("Cleo Duarte"), Person("Max Vey")),
        "published": moment,
        "updated": moment,
        "content": f"<p>Text {number}</p>",
        "categories": (Category("water", "https://lantern.example/theme"),),
    }
    return Entry(**{**values, **changed})


def kept_of(tx: Transaction, source: int, key: str) -> EntryRecord | None:
    """What is kept of the entry that a source, named by its row id, sent under that key."""
    kept = entries.following(tx, source, 0, limit=1_000)
    return next((it for it in kept if it.key == key), None)


def document(*items: Entry, tombstones: tuple[Tombstone, ...] = ()) -> bytes:
    """The partner's feed with these entries."""
    moments = [it.updated for it in items if it.updated] + [it.when for it in tombstones]
    feed = Feed(
        id="tag:lantern.example,2020:feed",
        title="The Lantern",
        link="https://lantern.example/",
        self_link="https://lantern.example/feed.atom",
        updated=max(moments, default=NOW),
        entries=items,
        tombstones=tombstones,
    )
    return write(feed, Format.ATOM)


class Lantern:
    """The partner, its server, and the newsroom."""

    def __init__(self, runtime: Runtime, upstream: Upstream, clock: ManualClock) -> None:
        self.runtime = runtime
        self.clock = clock
        self._upstream = upstream
        self._plain = self.file.read_text(encoding="utf-8")

    @property
    def file(self) -> Path:
        """The newsroom's config.toml."""
        return self.runtime.config.file

    def rules(self, toml: str) -> None:
        """Go by these further keys of the source from now on."""
        assert _ITS_LAST_KEY in self._plain
        self.rewrite(
            self._plain.replace(_ITS_LAST_KEY, f'license = "cc-by"\n{toml}\n\n[[sources]]')
        )

    def rewrite(self, text: str) -> None:
        """Go by that file from now on."""
        self.file.write_text(text, encoding="utf-8")
        config = configuration.load(self.file)
        running.adopt(self.runtime.store, config, self.clock)
        self.runtime = replace(self.runtime, config=config)

    def says(self, *items: Entry, tombstones: tuple[Tombstone, ...] = ()) -> None:
        """Let its feed have these entries from now on."""
        self.serves(document(*items, tombstones=tombstones))

    def serves(self, body: bytes) -> None:
        """Let its feed be that document from now on."""
        self._upstream.script("/feed.atom", conditional(Reply(body=body)))

    def serves_other(self, body: bytes) -> None:
        """Let the feed of the other source be that document from now on."""
        self._upstream.script("/other.rss", Reply(body=body))

    def answers(self, path: str, *replies: Script) -> str:
        """Let its server say that at a path from now on; gives the address."""
        return self._upstream.script(path, *replies)

    def asked(self) -> list[str]:
        """The paths that its server was asked for since this was looked at."""
        found = [it.path for it in self._upstream.journal]
        self._upstream.journal.clear()
        return found

    def requests(self) -> list[Request]:
        """What its server was asked, the oldest first."""
        return self._upstream.journal

    def due(self) -> list[str]:
        """The sources of its host that are due now."""
        with self.runtime.store.reading() as tx:
            host = self.source().host
            return [it.slug for it in sources.due(tx, [host], self.clock.now())[host]]

    def poll(self) -> PollOutcome:
        """Ask it."""
        return ingest.poll_named(self.runtime, "lantern", owner="test")

    def says_and_is_polled(self, *items: Entry) -> PollOutcome:
        """Both, a minute later."""
        self.clock.advance(60)
        self.says(*items)
        return self.poll()

    def source(self) -> Source:
        """Where it stands."""
        with self.runtime.store.reading() as tx:
            return sources.at(tx, "lantern")

    def published(self) -> list[Article]:
        """What of it is published, the newest first."""
        with self.runtime.store.reading() as tx:
            return articles.select(tx, Selection(), limit=100)

    def titles(self) -> list[str]:
        """The same by their titles."""
        return [it.title for it in self.published()]

    def kept(self, number: int) -> EntryRecord:
        """What is kept of the story of that number."""
        source = self.source()
        with self.runtime.store.reading() as tx:
            return kept_of(tx, source.id, entry(number).id)

    def article(self, number: int) -> Article:
        """The article that the story became."""
        with self.runtime.store.reading() as tx:
            return articles.by_id(tx, self.kept(number).article)

    def fates(self, number: int) -> list[Fate]:
        """What became of the story of that number, the oldest first."""
        kept = self.kept(number)
        with self.runtime.store.reading() as tx:
            return entries.story(tx, kept.id)
