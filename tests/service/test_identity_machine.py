"""A source that edits, reorders, renames ids, flips schemes, moves, drops, restores, and is cut short.

Whatever it does, each of its stories is one article: never lost, never doubled, never another's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace
from sqlalchemy import delete

from feeds.model import Entry, Tombstone
from service import runtime as running
from service.config import Config
from service.model import PollResult
from service.parsing import Parser
from service.store.schema import FULL_TEXT, metadata
from tests.conftest import add, rows_of
from tests.fakes import ManualClock
from tests.newsroom import NOW
from tests.service.pulling import DIALLED, PROSE, Desk, Wire, document

HOSTS = ["lantern.example", "www.lantern.example", "beacon.example"]
STYLES = ["url", "tag", "none", "shared"]  # of ids; the last is one id for all entries
CHANGES = [
    *("publish", "plant", "edit", "edit", "rename", "rename", "drop", "drop"),
    *("restore", "reorder", "respell", "move"),
]
BROKEN = [b"", b"<html><title>Log in</title>", b"gone fishing"]
PICK = st.integers(min_value=0, max_value=10_000)


@dataclass
class Story:
    """A story as its source has it now, and what is known of its article."""

    number: int
    style: str
    is_long: bool
    path: str
    host: str = ""  # of another site, in a planet
    revision: int = 0
    renamed: int = 0
    is_out: bool = False  # of the feed
    is_seen: bool = False  # by a poll of the whole feed
    is_stirred: bool = False  # edited or renamed since then
    is_copied: bool = False  # by another source
    is_gone: bool = False  # withdrawn
    guid: str = ""  # of its article

    @property
    def title(self) -> str:
        return f"A letter from the coast, {self.number}" + "!" * self.revision

    @property
    def mark(self) -> str:
        """What only this story says."""
        return f"(story {self.number})"


class Site:
    """Where a source's stories stand at present."""

    def __init__(self) -> None:
        self.scheme, self.host, self.slash = "http", HOSTS[0], ""

    def entry(self, story: Story) -> Entry:
        """The story as the feed shows it."""
        link = f"{self.scheme}://{story.host or self.host}{story.path}{self.slash}"
        ids = {
            "url": link,
            "tag": f"tag:lantern.example,2026:{story.number}",
            "none": f"none:{story.number}",
            "shared": f"shared:{story.number}",
        }
        name = ids[story.style]
        if story.renamed and story.style in ("url", "tag"):
            name = f"urn:drift:{story.number}:{story.renamed}"
        text = PROSE if story.is_long else "In brief."
        edits = " ".join(["edited"] * story.revision)
        return Entry(
            id=name,
            title=story.title,
            link=link,
            published=NOW - timedelta(minutes=story.number),
            updated=NOW - timedelta(minutes=story.number),
            content=f"<p>{story.mark} {text} {edits}</p>",
        )


class Source(RuleBasedStateMachine):
    """The source, the newsroom that polls it, and what the newsroom ought to have."""

    open_desk: Callable[[], Desk]
    mends: bool
    style: str

    def __init__(self) -> None:
        super().__init__()
        self.desk = type(self).open_desk()
        self.site = Site()
        self.stories: list[Story] = []
        self.copies: list[Entry] = []
        self.is_polled = self.is_cut = False

    @initialize(number=st.integers(2, 4), mends=st.booleans())
    def begin(self, number: int, mends: bool) -> None:
        """The newsroom asks for the first time; only one that mends ids is tried with other ids."""
        self.mends = mends
        if mends:
            self.desk.mend()
        for _ in range(number):
            self.publish(0)
        self.poll()

    @rule(
        changes=st.lists(st.tuples(st.sampled_from(CHANGES), PICK), min_size=1, max_size=6),
        answer=st.sampled_from(["whole", "whole", "whole", "cut", "broken"]),
        share=st.floats(0.2, 1),
    )
    def turn(self, changes: list[tuple[str, int]], answer: str, share: float) -> None:
        """The source changes, and the newsroom asks it."""
        for name, number in changes:
            getattr(self, name)(number)
        getattr(self, answer)(share)

    def pick(self, number: int, stories: list[Story]) -> Story | None:
        return stories[number % len(stories)] if stories else None

    def publish(self, number: int) -> None:
        """A new story, long or short."""
        count = len(self.stories) + 1
        it = Story(count, self.style, is_long=number % 4 != 1, path=f"/2026/letter-{count}")
        self.stories.insert(0, it)

    def plant(self, number: int) -> None:
        """In place of a story, one of another site under the same path."""
        replaced = self.pick(number, [it for it in self.stories if not it.is_gone])
        if replaced and self.style == "url" and not self.is_cut:
            replaced.is_out = True
            self.publish(0)
            self.stories[0].path = replaced.path
            self.stories[0].host = f"planet-{self.stories[0].number}.example"

    def edit(self, number: int) -> None:
        calm = [it for it in self.stories if not (it.is_stirred or it.is_gone)]
        if story := self.pick(number, calm):
            story.revision += 1
            story.is_stirred = True

    def rename(self, number: int) -> None:
        """Another id, page or both; together with an edit nobody could tell what it is."""
        calm = [it for it in self.alive() if it.is_long and not it.is_stirred]
        if (story := self.pick(number, calm)) is None or not self.mends:
            return
        story.renamed += 1
        story.is_stirred = True
        if number % 2 or story.style in ("none", "shared"):
            story.path = f"/2026/letter-{story.number}/{story.renamed}"

    def drop(self, number: int) -> None:
        shown = [it for it in self.stories if not it.is_out]
        if (story := self.pick(number, shown)) and not self.is_cut:
            story.is_out = True

    def restore(self, number: int) -> None:
        if story := self.pick(number, [it for it in self.stories if it.is_out and not it.is_gone]):
            story.is_out = False

    def reorder(self, number: int) -> None:
        shift = number % len(self.stories)
        self.stories = self.stories[shift:] + self.stories[:shift]

    def respell(self, number: int) -> None:
        """Another scheme, or another last slash."""
        if number % 2:
            self.site.scheme = {"http": "https", "https": "http"}[self.site.scheme]
        else:
            self.site.slash = "" if self.site.slash else "/"

    def move(self, number: int) -> None:
        """The whole site moves."""
        self.site.host = HOSTS[number % len(HOSTS)]

    def whole(self, _share: float) -> None:
        self.poll()

    def cut(self, share: float) -> None:
        """The document breaks off."""
        said = self.document()
        self.desk.bring_bytes(said[: int(len(said) * share)])
        self.is_polled, self.is_cut = False, True

    def broken(self, share: float) -> None:
        before = self.desk.shown()
        body = BROKEN[int(share * 100) % len(BROKEN)]
        assert self.desk.bring_bytes(body, content_type="text/html").result is PollResult.FAILED
        assert self.desk.shown() == before
        self.is_polled = False

    @rule(number=PICK)
    def copy(self, number: int) -> None:
        """Another source sends what is known here, too."""
        known = [it for it in self.stories if self.is_current(it) and not it.is_copied]
        if story := self.pick(number, known):
            story.is_copied = True
            self.copies.append(self.site.entry(story))
            self.desk.bring(*self.copies, source="unclear")
            self.check()

    def is_current(self, it: Story) -> bool:
        """Whether the newsroom has it as the source has it now."""
        return self.is_polled and it.is_seen and not (it.is_out or it.is_stirred or it.is_gone)

    @rule(number=PICK)
    def withdraw(self, number: int) -> None:
        """A tombstone of the source itself; of another one it means nothing."""
        named = [
            it
            for it in self.stories
            if self.is_current(it)
            and it.style in ("url", "tag")
            and not (it.is_copied and (it.host or self.site.host == HOSTS[-1]))
        ]
        if story := self.pick(number, named):
            before = self.desk.shown()
            stone = Tombstone(self.site.entry(story).id or "", self.desk.pass_time(minutes=1))
            self.desk.bring(*self.copies, source="unclear", stones=(stone,))
            assert self.desk.shown() == before
            story.is_gone = story.is_out = True
            self.poll(stone)

    def poll(self, *stones: Tombstone) -> None:
        """Poll the whole feed, until nothing waits any more."""
        for _ in range(10):
            if "wait" not in self.desk.bring_bytes(self.document(*stones)).reason:
                break
        for story in self.stories:
            if not story.is_out:
                story.is_seen, story.is_stirred = True, False
        self.is_polled, self.is_cut = True, False
        self.check()

    def document(self, *stones: Tombstone) -> bytes:
        """What the source says now; ids as no feed of ours would write them."""
        said = document(*self.entries(), stones=stones)
        return re.sub(b"shared:[0-9]+", b"same", re.sub(b"<id>none:.*?</id>", b"", said))

    def entries(self) -> list[Entry]:
        return [self.site.entry(it) for it in self.stories if not it.is_out]

    def alive(self) -> list[Story]:
        return [it for it in self.stories if it.is_seen and not it.is_gone]

    def check(self) -> None:
        """Each story is one article, the same as ever, and says what the feed says now."""
        shown = self.desk.shown()
        for story in self.alive():
            (article,) = [it for it in shown if story.mark in it.content]
            story.guid = story.guid or article.guid or ""
            assert article.guid == story.guid
            if not story.is_out:
                assert article.title == story.title
            assert len(article.origins) == 1 + story.is_copied
        assert len(shown) == len(self.alive())


@pytest.fixture
def machine(
    configure: Callable[..., Config], parser: Parser, tmp_path: Path, style: str
) -> Iterator[type[Source]]:
    """A source whose newsroom begins anew in each run, on the same connections."""
    config, clock = configure(*DIALLED.items()), ManualClock(NOW)
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        with held.store.reading() as tx:
            beginning = rows_of(tx)
        if held.store.is_sqlite:  # nothing here outlives a power cut
            with closing(held.store.engine.raw_connection()) as pooled:
                pooled.cursor().execute("PRAGMA synchronous=OFF")

        def open_desk() -> Desk:
            with held.store.writing() as tx:
                tx.exec_driver_sql(f"DELETE FROM {FULL_TEXT}")
                for table in reversed(metadata.sorted_tables):
                    tx.execute(delete(table))
                add(tx, beginning)
            wire = Wire()
            apart = replace(held, fetcher=wire, clock=ManualClock(NOW))
            return Desk(apart, wire, tmp_path / "config.toml")

        yield type("Polled", (Source,), {"open_desk": staticmethod(open_desk), "style": style})


RUNS, LONG_RUNS = 50, 500  # of each style


def run(machine: type[Source], runs: int, steps: int = 8) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=runs, stateful_step_count=steps)
    )


@pytest.mark.long(10)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_story_is_one_article(machine: type[Source]) -> None:
    run(machine, RUNS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("style", ["url"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_it_is_so_on_postgresql(machine: type[Source]) -> None:
    run(machine, 5)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_story_is_one_article_for_long(machine: type[Source]) -> None:
    run(machine, LONG_RUNS, steps=40)
