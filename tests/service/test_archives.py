"""RFC 5005: whoever follows a feed and its archives misses nothing, whatever is written meanwhile."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import chain, product, zip_longest

import pytest
from msgspec.structs import replace
from werkzeug.test import Client

from feeds.model import Format
from feeds.reading import read
from service import newsroom as editing
from service import numbering, publish
from service.config import NamedSelection
from service.front import Front
from service.model import Selection, Status
from service.runtime import Current
from service.store import archives, articles, changelog
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.readers.walking import Walker

SITE = "https://gazette.example"


@pytest.fixture
def small(monkeypatch, bare):
    """A newsroom whose archives hold three numbers, and its feeds two entries."""
    monkeypatch.setattr(archives, "HELD", 3)
    content = bare.config.content.model_copy(update={"feed_size": 2})
    return replace(bare, config=bare.config.model_copy(update={"content": content}))


@pytest.fixture
def site(small):
    return create_app(Current(small)).test_client()


def write(runtime, *numbers: int, **changed) -> list[str]:
    """Publish these articles, at the clock's time unless told otherwise; gives their paths."""
    now = runtime.clock.now()
    dated = {"published": now, "updated": now, **changed}
    with runtime.store.writing() as tx:
        drafts = [newsroom.article(number, **dated) for number in numbers]
        return [it.path for it in articles.save(tx, drafts, now=now)]


def feed(client, name: str, kind: Format = Format.ATOM):
    address = f"/feeds/{name}.{kind.value}"
    answer = client.get(address)
    assert answer.status_code == 200, address
    return read(answer.data, url=SITE + address, content_type=kind.media_type)


def titles(found) -> list[str]:
    return [it.title.removeprefix("Article number ") for it in found.entries]


def test_archives_hold_fixed_numbers_and_lead_to_each_other(small, site):
    """HIS-01, HIS-02, HIS-05."""
    for number in range(1, 9):
        small.clock.advance(1)
        write(small, number)
    subscription = feed(site, "all")
    assert titles(subscription) == ["8", "7"]
    assert subscription.previous_archive == f"{SITE}/feeds/all/archive/2.atom"
    assert not subscription.archive
    second, first = feed(site, "all/archive/2"), feed(site, "all/archive/1")
    assert (titles(second), titles(first)) == (["6", "5", "4"], ["3", "2", "1"])
    for it in (first, second):
        assert it.archive
        assert it.current == f"{SITE}/feeds/all.atom"
        assert it.id == subscription.id
    assert (second.previous_archive, second.next_archive) == (first.self_link, None)
    assert (first.previous_archive, first.next_archive) == (None, second.self_link)


def test_every_feed_that_is_numbered_has_archives_in_every_format(small, site):
    for number in range(1, 5):
        write(small, number, source="lantern", guid=f"tag:{number}")
    names = ("all", "author/ada-marsh", "theme/energy", "source/lantern")
    for name, kind in product(names, Format):
        subscription, archive = feed(site, name, kind), feed(site, f"{name}/archive/1", kind)
        before = subscription.next_page if kind is Format.JSON else subscription.previous_archive
        assert before == archive.self_link == f"{SITE}/feeds/{name}/archive/1.{kind.value}"
        assert archive.next_page is None
        assert archive.archive
        assert len(archive.entries) == 3
    assert feed(site, "theme/energy,water").previous_archive is None


def test_there_are_no_other_archives(small, site):
    for number in range(1, 5):
        write(small, number)
    for name in ("all/archive/2", "all/archive/0", "all/archive/01", "all/archive/-1", "all/archive",
                 "theme/water/archive/1", "author/nobody/archive/1", "archive/1",
                 "all/archive/1/archive/1", "all/archive/99999999999999999999"):  # fmt: skip
        assert site.get(f"/feeds/{name}.atom").status_code == 404, name
    assert site.get("/feeds/all/archive/1.atom").status_code == 200


def test_a_correction_of_what_is_archived_appears_again(small, site):
    """HIS-03: in the subscription with a newer date, and in the archive where it stood."""
    for number in range(1, 9):
        small.clock.advance(1)
        write(small, number)
    small.clock.advance(60)
    write(small, 1, title="Corrected", published=NOW - timedelta(hours=1), updated=NOW)
    subscription = feed(site, "all")
    assert titles(subscription) == ["8", "7", "Corrected"]
    assert subscription.entries[-1].updated == small.clock.now() == subscription.updated
    assert titles(feed(site, "all/archive/1")) == ["3", "2", "Corrected"]
    small.clock.advance(60)
    write(small, 9)
    assert "Corrected" in titles(feed(site, "all/archive/3"))


def test_a_retraction_in_an_archive_changes_it(small, site):
    """TMB-01, TMB-02."""
    paths = [write(small, number)[0] for number in range(1, 9)]
    before = site.get("/feeds/all/archive/1.atom")
    small.clock.advance(60)
    editing.retract(small, paths[0], reason="Told twice")
    after = site.get("/feeds/all/archive/1.atom")
    assert before.headers["ETag"] != after.headers["ETag"]
    (stone,) = feed(site, "all/archive/1").tombstones
    assert (stone.when, stone.comment) == (small.clock.now(), "Told twice")
    assert feed(site, "all").tombstones == (stone,)
    assert "max-age=86400" in after.headers["Cache-Control"]
    gone = site.get(f"/articles/{paths[0]}")
    assert gone.status_code == 410
    assert "Told twice" in gone.text


def test_a_tombstone_is_told_for_a_while(small, site):
    """TMB-01."""
    path = write(small, 1)[0]
    editing.retract(small, path, reason="Told twice")
    small.clock.advance(90 * 86_400 - 1)
    answer = site.get("/feeds/all.atom")
    assert "Told twice" in answer.text
    assert "max-age=1," in answer.headers["Cache-Control"]
    small.clock.advance(1)
    assert "Told twice" not in site.get("/feeds/all.atom").text


def test_what_is_imported_late_stands_in_the_subscription(small, site):
    for number in range(1, 8):
        small.clock.advance(1)
        write(small, number)
    write(small, 8, published=NOW - timedelta(days=999))
    assert titles(feed(site, "all")) == ["7", "6", "8"]


def test_a_closed_report_is_complete_only_where_one_document_holds_it(small, site):
    """HIS-04."""
    filed = {"categories": (newsroom.TIDES,)}
    write(small, 1, **filed)
    assert feed(site, "report/tide-lines").complete
    for number in range(2, 7):
        small.clock.advance(1)
        write(small, number, **filed)
    last = feed(site, "report/tide-lines")
    assert not last.complete
    assert last.previous_archive is not None
    assert not feed(site, "report/tide-lines/archive/1").complete


def test_a_closed_archive_is_made_once_whatever_else_is_published(small, renderings):
    """It hangs on what it holds, not on the feed it was once in."""
    for number in range(1, 8):
        write(small, number)
    current = Current(small)
    front = Front(create_app(current), current)
    client = Client(front)
    try:
        address = "/feeds/all/archive/1.atom"
        first = client.get(address)
        small.clock.advance(60)
        write(small, 20)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert renderings == ["all.atom"]
    finally:
        front.close()


class Desk:
    """Publishes, corrects, retracts, restores and dates anew at random."""

    def __init__(self, runtime, seed: int) -> None:
        self._runtime = runtime
        self._chance = random.Random(seed)
        self.written = 0

    def act(self) -> None:
        self._runtime.clock.advance(self._chance.randrange(60))
        chosen = self._chance.choices(
            [self.publish, self.correct, self.retract, self.restore], [6, 4, 2, 1]
        )
        chosen[0]()

    def publish(self) -> None:
        """New articles, now and then of long ago, or such as are due later."""
        now, numbers = self._runtime.clock.now(), range(self.written + 1, self.written + 4)
        due = timedelta(seconds=self._chance.choice([0, 0, 0, 90]))
        age = timedelta(hours=0 if due else self._chance.choice([0, 0, 1, 9_999]))
        published, status = now + due - age, Status.SCHEDULED if due else Status.PUBLISHED
        write(self._runtime, *numbers, published=published, updated=published, status=status)
        self.written = numbers[-1]
        editing.settle(self._runtime)

    def correct(self) -> None:
        if found := self._some(Status.PUBLISHED):
            age = timedelta(hours=self._chance.choice([0, 0, 500]))
            title = f"{found.title.split(',')[0]}, corrected {self._chance.random()}"
            edited = replace(found, title=title, published=found.published - age)
            editing.write(self._runtime, edited)

    def retract(self) -> None:
        if found := self._some(Status.PUBLISHED):
            editing.retract(self._runtime, str(found.id), reason="Told twice")

    def restore(self) -> None:
        if found := self._some(Status.RETRACTED):
            with self._runtime.store.writing() as tx:
                articles.restore(tx, found.id, now=self._runtime.clock.now())

    def _some(self, status: Status):
        with self._runtime.store.reading() as tx:
            found = articles.listed(tx, status=status, limit=999)
        return self._chance.choice(found) if found else None


@pytest.mark.long(8)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_walks_misses_nothing_that_is_written_meanwhile(small, monkeypatch):
    """While 200 articles arrive and others are corrected, retracted, restored and dated anew."""
    monkeypatch.setattr(archives, "HELD", 8)

    def get(address: str) -> bytes:
        name, _, extension = address.removeprefix(f"{SITE}/feeds/").rpartition(".")
        name, _, archive = name.partition("/archive/")
        selection = publish.parse(small.config, name)
        number = int(archive) if archive else None
        return publish.rendered(small, selection, Format(extension), number).body

    def walker(kind: Format) -> Walker:
        return Walker(f"{SITE}/feeds/theme/energy.{kind.value}", kind, get)

    desk = Desk(small, seed=1)
    often, rarely = [walker(it) for it in Format], walker(Format.ATOM)
    while desk.written < 200:
        for _ in chain.from_iterable(zip_longest(*(it.steps() for it in often))):
            desk.act()
        if desk.written % 60 == 0:
            rarely.poll()
    with small.store.reading() as tx:
        there = articles.select(tx, Selection(), limit=9_999)
    assert len(there) > 150
    wanted = {it.guid: (it.title, it.updated) for it in there}
    for it in (*often, rarely, walker(Format.ATOM)):
        it.poll()
        held = {guid: (entry.title, entry.updated) for guid, entry in it.entries.items()}
        if it.kind is Format.RSS:  # has no word for what is gone
            held = {guid: told for guid, told in held.items() if guid in wanted}
        assert held == wanted
        asked = [address for address in it.fetched if "/archive/" in address]
        assert len(asked) == len(set(asked))


def test_a_named_selection_has_archives_of_its_own(small, clock):
    """Numbered by the scheduler: what was there before, what comes later, and what is corrected."""
    chosen = NamedSelection(title="Power", path="theme/energy/not/region/islands")
    config = small.config.model_copy(update={"selections": {"power": chosen}})
    named = replace(small, config=config)
    site = create_app(Current(named)).test_client()
    for number in range(1, 9):
        clock.advance(1)
        islands = {"categories": (newsroom.ENERGY, newsroom.ISLANDS)} if number == 3 else {}
        write(named, number, **islands)
    assert feed(site, "named/power").previous_archive is None
    numbering.settle(named)
    assert feed(site, "named/power").previous_archive == f"{SITE}/feeds/named/power/archive/2.atom"
    assert titles(feed(site, "named/power/archive/1")) == ["4", "2", "1"]
    assert titles(feed(site, "named/power/archive/2")) == ["7", "6", "5"]
    clock.advance(1)
    write(named, 2, title="Corrected", published=NOW - timedelta(days=9))
    write(named, 9, published=NOW - timedelta(days=8))
    numbering.settle(named)
    assert titles(feed(site, "named/power")) == ["8", "7", "9", "Corrected"]
    with named.store.reading() as tx:
        before = changelog.last(tx)
    numbering.settle(named)
    with named.store.reading() as tx:
        assert changelog.last(tx) == before
    wider = chosen.model_copy(update={"path": "theme/energy"})
    named = replace(named, config=config.model_copy(update={"selections": {"power": wider}}))
    numbering.settle(named)
    site = create_app(Current(named)).test_client()
    assert "3" in titles(feed(site, "named/power")) + titles(feed(site, "named/power/archive/3"))


# As many bytes as a feed may have


@pytest.fixture
def narrow(bare):
    """A newsroom whose feeds hold forty entries, but no more than 100,000 bytes."""
    content = bare.config.content.model_copy(update={"feed_size": 40, "feed_bytes": 100_000})
    return replace(bare, config=bare.config.model_copy(update={"content": content}))


def huge(runtime, number: int) -> None:
    """So many articles of 10,000 bytes and more, the highest number the newest."""
    start, text = runtime.clock.now(), f"<p>{'long ' * 2_000}</p>"
    runtime.clock.advance(60 * number)
    moments = {it: start + timedelta(minutes=it) for it in range(1, number + 1)}
    drafts = [
        newsroom.article(it, content=text, published=moment, updated=moment)
        for it, moment in moments.items()
    ]
    with runtime.store.writing() as tx:
        articles.save(tx, drafts, now=runtime.clock.now())


def test_huge_articles_leave_a_feed_within_its_bytes_and_lose_nothing(narrow):
    """PRT-07: what an archive holds is left out; what none holds yet stands at least as a summary."""
    huge(narrow, 60)
    client = create_app(Current(narrow)).test_client()
    for name, query in (("theme/energy/author/ada-marsh", ""), ("search", "?q=long")):
        assert len(client.get(f"/feeds/{name}.rss{query}").data) < 100_000
    for kind in Format:
        assert len(client.get(f"/feeds/all.{kind.value}").data) < 100_000
        subscription = feed(client, "all", kind)
        whole = [it for it in subscription.entries if len(it.content or "") > 10_000]
        assert 3 <= len(whole) < 8
        assert titles(subscription)[: len(whole)] == [str(60 - it) for it in range(len(whole))]
        archive = feed(client, "all/archive/1", kind)
        assert all(len(it.content or "") > 10_000 for it in archive.entries)
        held = {*titles(subscription), *titles(archive)}
        assert held == {str(number) for number in range(1, 61)}


def test_what_no_archive_holds_yet_stands_without_its_text(narrow):
    huge(narrow, 30)
    found = feed(create_app(Current(narrow)).test_client(), "all")
    assert titles(found) == [str(number) for number in range(30, 0, -1)]
    texts = [bool(it.content) for it in found.entries]
    assert texts == sorted(texts, reverse=True)
    assert 3 <= texts.count(True) < 8
    assert all(it.summary for it in found.entries)


def test_the_newest_stands_in_full_whatever_its_size(narrow):
    write(narrow, 1)
    narrow.clock.advance(60)
    write(narrow, 2, content=f"<p>{'long ' * 30_000}</p>")
    first, second = feed(create_app(Current(narrow)).test_client(), "all").entries
    assert len(first.content) > 100_000
    assert (second.content, second.summary) == (None, "Summary 1.")
