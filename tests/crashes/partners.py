"""Partners whose feeds grow, change and withdraw entries, and what the store has to hold of them."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, text

from feeds.model import Entry, Feed, Format, Person, Tombstone
from feeds.writing import write
from service.store.types import UtcTime
from tests.crashes import audit
from tests.crashes.journal import Line
from tests.crashes.points import Point
from tests.fakes import Reply, Request, Upstream
from tests.newsroom import NOW

HOSTS, FEEDS = 5, 4  # twenty feeds
_WITHDRAWN = 0  # the version of an entry that its partner took back
_BURST = 55  # entries: more than are saved in one transaction
_WINDOW = 20  # entries a document, and those that the store has not got as they are now
_EPOCH = datetime(2026, 9, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)

_ENTRIES = """
SELECT sources.slug, entries.key, entries.article_id, entries.verdict,
       articles.title, articles.status, articles.source
FROM entries JOIN sources ON sources.id = entries.source_id
LEFT JOIN articles ON articles.id = entries.article_id
"""
_POLLS = """
SELECT id, source_id, at, next_at, result, imported, edited, withdrawn FROM polls ORDER BY source_id, id
"""
_FATES = "SELECT poll_id, verdict, count(*) AS many FROM fates GROUP BY poll_id, verdict"
_SOURCES = "SELECT id, slug, etag, next_at, failures FROM sources"


@dataclass(slots=True)
class Partner:
    """A feed, its entries by number with their versions, and every document that was ever served."""

    slug: str
    chance: random.Random
    versions: dict[int, int] = field(default_factory=dict)
    served: list[dict[int, int]] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)  # which versions the store is known to have
    asked: int = 0
    is_still: bool = False
    lock: Any = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        """The document as it is now, which mostly is another than before."""
        with self.lock:
            self.asked += 1
            if not self.served or (not self.is_still and self.chance.random() < 0.8):
                self._grow()
                self.served.append(dict(self.versions))
            etag = f'"{len(self.served) - 1}"'
            if request.headers["If-None-Match"] == etag:
                return Reply(304, {"ETag": etag})
            return Reply(
                200, {"ETag": etag, "Content-Type": "application/atom+xml"}, self._document()
            )

    def _grow(self) -> None:
        first, living = len(self.versions), [n for n, it in self.versions.items() if it]
        if living:
            for number in self.chance.sample(living, min(2, len(living))):
                self.versions[number] += 1
            if self.chance.random() < 0.3:
                self.versions[self.chance.choice(living)] = _WITHDRAWN
        many = _BURST if self.chance.random() < 0.06 else self.chance.randint(1, 4)
        self.versions |= dict.fromkeys(range(first, first + many), 1)

    def _document(self) -> bytes:
        """The newest entries, and all that the store has not got as they are now."""
        newest = len(self.versions) - _WINDOW
        shown = [
            self._entry(number, version)
            for number, version in reversed(self.versions.items())
            if version and (number >= newest or self.kept.get(number) != version)
        ]
        gone = [
            Tombstone(self.id(number), NOW)
            for number, version in self.versions.items()
            if version == _WITHDRAWN
        ]
        feed = Feed(
            id=f"tag:{self.slug}.example,2026:feed",
            title=self.slug,
            link=f"https://{self.slug}.example/",
            updated=NOW,
            entries=tuple(shown),
            tombstones=tuple(gone),
        )
        return write(feed, Format.ATOM)

    def _entry(self, number: int, version: int) -> Entry:
        published = _EPOCH + number * _MINUTE
        return Entry(
            id=self.id(number),
            title=f"{self.slug} {number} v{version}",
            link=f"https://{self.slug}.example/{number}",
            authors=(Person("Cleo Duarte"), Person("Max Vey")),
            published=published,
            updated=published + version * _MINUTE,
            content=f"<p>Text {version} of {number}.</p>",
        )

    def id(self, number: int) -> str:
        return f"tag:{self.slug}.example,2026:{number}"


class Partners:
    """Twenty partners on five hosts."""

    work = "polls"
    parts: ClassVar = {"bylines": ("author_id", 2)}
    once = 2
    most = 25
    points = (
        Point("service.store.leases.claim_all", "after"),
        Point("service.store.leases.release", "before"),
        Point("service.store.leases.release", "after"),
        Point("service.store.polls.begin", "before"),
        Point("service.store.polls.begin", "after"),
        Point("service.fetch.Fetcher.get", "before"),
        Point("service.fetch.Fetcher.get", "after"),
        Point("service.store.articles.save", "after"),
        Point("service.store.entries.record", "after"),
        Point("service.intake.take", "before"),
        Point("service.intake.take", "after"),
        Point("service.intake.withdraw", "after"),
        Point("service.store.sources.record", "before"),
        Point("service.store.polls.finish", "after"),
    )

    def __init__(self) -> None:
        self.lost = self.doubled = 0
        self._stack = ExitStack()
        self._upstreams = [self._stack.enter_context(Upstream()) for _ in range(HOSTS)]
        self._partners: dict[str, Partner] = {}
        self._urls: dict[str, str] = {}
        for host, upstream in enumerate(self._upstreams):
            for feed in range(FEEDS):
                partner = Partner(f"partner-{host}-{feed}", random.Random(host * FEEDS + feed))
                self._partners[partner.slug] = partner
                self._urls[partner.slug] = upstream.script(f"/{feed}.atom", partner.answer)

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """The parts of config.toml that name them."""
        tables = "".join(
            f'[[sources]]\nslug = "{slug}"\nurl = "{url}"\nname = "{slug}"\nlicense = "cc-by"\n\n'
            for slug, url in self._urls.items()
        )
        ports = [upstream.port for upstream in self._upstreams]
        fetch = f'gap = "0s"\nallow_networks = ["127.0.0.0/8"]\nallow_ports = {ports}'
        return ("[content]\n", tables + "[content]\n"), ('gap = "0s"', fetch)

    def args(self, _life: int) -> dict[str, Any]:
        return {"hosts": [f"127.0.0.1:{upstream.port}" for upstream in self._upstreams]}

    def stand_still(self) -> None:
        """Change nothing any more."""
        for partner in self._partners.values():
            partner.is_still = True

    def settle(self, lines: list[Line], tx: Connection) -> list[str]:
        stored = defaultdict[str, dict[int, Any]](dict)
        found: list[str] = []
        used: set[int] = set()
        for row in tx.execute(text(_ENTRIES)):
            if row.slug not in self._partners:
                continue
            number = int(row.key.rpartition(":")[2])
            if number in stored[row.slug] or row.article_id in used or row.source != row.slug:
                found.append(f"doubled: {row}")
                self.doubled += 1
            stored[row.slug][number] = row
            used.add(row.article_id)
        if strange := audit.visible_ids(tx) - used:
            found.append(f"articles without an entry: {sorted(strange)[:5]}")
            self.doubled += len(strange)
        known = list(tx.execute(text(_SOURCES)))
        for source in known:
            if source.slug in self._partners:
                missing = list(
                    self._missing(self._partners[source.slug], source, stored[source.slug])
                )
                self.lost += len(missing)
                found += missing
                if source.failures:
                    found.append(f"{source.slug} is said to have failed")
        found += self._times(tx, known)
        found += self._promises(tx, lines)
        return found

    def _missing(self, partner: Partner, source: Any, stored: dict[int, Any]) -> Iterator[str]:
        """What a document had whose validators are stored, and the store has not."""
        partner.kept = {number: audit.version(row.title) for number, row in stored.items()}
        latest = partner.versions
        document = partner.served[int(source.etag.strip('"'))] if source.etag else {}
        for number, row in stored.items():
            shown, wanted = audit.version(row.title), document.get(number, 0)
            if not wanted <= shown <= (latest[number] or shown):
                yield f"{partner.slug} {number} has text {shown} of {wanted} to {latest[number]}"
            if row.status != "published" and latest[number] != _WITHDRAWN:
                yield f"{partner.slug} {number} is {row.status}"
            if document.get(number, 1) == _WITHDRAWN and row.status != "retracted":
                yield f"{partner.slug} {number} was withdrawn and is {row.status}"
        for number, wanted in document.items():
            if wanted and number not in stored:
                yield f"{partner.slug} {number} is missing"

    def _times(self, tx: Connection, known: list[Any]) -> Iterator[str]:
        """No poll before its time, none without a row, and the row's next time is the source's."""
        rows = defaultdict[int, list[Any]](list)
        for row in tx.execute(text(_POLLS).columns(at=UtcTime(), next_at=UtcTime())):
            rows[row.source_id].append(row)
        for source in known:
            polls = rows[source.id]
            for before, after in pairwise(polls):
                if after.at < before.next_at:
                    yield f"{source.slug} was asked at {after.at}, and due at {before.next_at}"
            partner = self._partners.get(source.slug)
            if partner and partner.asked > len(polls):
                yield f"{source.slug} was asked {partner.asked} times, {len(polls)} are written down"

    def _promises(self, tx: Connection, lines: list[Line]) -> Iterator[str]:
        """Every poll that was told of is written down as it was told, and so are its fates."""
        rows = {row.id: row for row in tx.execute(text(_POLLS))}
        fates = {(row.poll_id, row.verdict): row.many for row in tx.execute(text(_FATES))}
        for line in lines:
            poll, verdicts = line["poll"], ("imported", "edited", "withdrawn")
            row = rows.get(poll)
            if row is None or [row.result, *row[5:]] != [line["result"], *line["counts"]]:
                self.lost += 1
                yield f"poll {poll} is lost: {line}, found {row}"
            kept = [fates.get((poll, verdict), 0) for verdict in verdicts]
            if kept != line["counts"]:
                yield f"poll {poll} told {line['counts']}, its entries say {kept}"

    def unheard(self, tx: Connection) -> list[str]:
        """What partners ever published, did not take back, and is not stored as it is now."""
        held = {
            (row.slug, int(row.key.rpartition(":")[2])): (audit.version(row.title), row.status)
            for row in tx.execute(text(_ENTRIES))
        }
        wanted = {
            (slug, number): (version, "published")
            for slug, partner in self._partners.items()
            for number, version in partner.versions.items()
            if version
        }
        shown = {key: value for key, value in held.items() if value[1] == "published"}
        return [f"{key}: {wanted.get(key)}, stored {shown.get(key)}"
                for key in wanted.keys() | shown.keys() if wanted.get(key) != shown.get(key)]  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
