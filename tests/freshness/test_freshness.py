"""No reader gets a stale, torn or future answer, whoever writes, whatever time does.

SQLite: from the next GET on. PostgreSQL: within one second, and until then what was true a moment ago.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lxml import etree

from service import runtime as running
from service.config import Config
from service.model import Status
from tests.freshness.clerk import Clerk, clerks
from tests.freshness.model import Newsroom, Piece, Told
from tests.newsroom import NOW

pytestmark = pytest.mark.long(70)

ATOM = "{http://www.w3.org/2005/Atom}"
PROCESSES = 3
_AGAIN = 0.01  # seconds between two looks at an answer that may be of a moment ago
SITES = ("The Harbour Gazette", "The Harbour Courant", "The Harbour Post")
SECONDS = st.integers(1, 5000)
WHO = st.integers(0, PROCESSES - 1)


class Site:
    """The processes, and what lasts from one run to the next."""

    def __init__(self, clerks: list[Clerk], config: Config) -> None:
        assert config.file is not None
        self.clerks = clerks
        self.patience = 0.0 if "sqlite" in config.storage.database.get_secret_value() else 1.0
        self.text = config.file.read_text(encoding="utf-8")
        self.numbers = count(1)
        self.now = NOW
        self.last = SITES[0], "full"
        self.asked = 0

    def settings(self, site: str, republish: str) -> str:
        text = self.text.replace(SITES[0], site)
        house = 'credit and a link."\nrepublish = '
        return text.replace(f'{house}"full"', f'{house}"{republish}"')


@pytest.fixture
def site(configure: Callable[..., Config]) -> Iterator[Site]:
    config = configure()
    assert config.file is not None
    running.prepare(config, serving=True)
    with clerks(PROCESSES, config.file, NOW) as made:
        yield Site(made, config)


class Freshness(RuleBasedStateMachine):
    """What may happen, in any order."""

    site: Site

    @initialize()
    def open(self) -> None:
        run = f"run-{next(self.site.numbers)}"
        self.site.now += timedelta(days=2)  # beyond all that earlier runs have scheduled
        self.model = Newsroom(run, self.site.now, run, SITES[0], "full", run)
        if self.site.last != (SITES[0], "full"):
            self.reload(0, SITES[0], "full")
        self.order(0, "settle")
        self.write(0, self.piece())
        self.tags: dict[str, tuple[str, str]] = {}
        self.past: set[Told] = set()

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.site.now = max(self.site.now, self.model.now)

    def order(self, who: int, name: str, *arguments: object) -> None:
        self.site.clerks[who].do(name, self.model.now, *arguments)

    def piece(self, **changed: Any) -> Piece:
        guid = f"tag:gazette.example,2026:{self.model.run}-{len(self.model.pieces)}"
        piece = Piece(guid, "Tides", self.model.now, Status.PUBLISHED)
        return replace(piece, **changed)

    def write(self, who: int, *pieces: Piece) -> None:
        self.order(who, "write", *map(self.model.draft, pieces))
        self.model.pieces |= {piece.guid: piece for piece in pieces}

    @rule(who=WHO)
    def publish(self, who: int) -> None:
        self.write(who, self.piece())

    @rule(who=WHO, seconds=SECONDS)
    def schedule(self, who: int, seconds: int) -> None:
        when = self.model.now + timedelta(seconds=seconds)
        self.write(who, self.piece(published=when, status=Status.SCHEDULED))

    @rule(who=WHO, reader=WHO, seconds=SECONDS, kind=st.sampled_from(["json", "atom"]))
    def schedule_behind_a_kept_feed(self, who: int, reader: int, seconds: int, kind: str) -> None:
        self.get(reader, kind)
        self.schedule(who, seconds)
        self.get(reader, kind)
        self.time_passes(seconds)
        self.get(reader, kind)

    @rule(who=WHO, seconds=SECONDS)
    def publish_for_a_time(self, who: int, seconds: int) -> None:
        self.write(who, self.piece(expires=self.model.now + timedelta(seconds=seconds)))

    @precondition(lambda self: self.model.written(Status.PUBLISHED))
    @rule(who=WHO, data=st.data(), title=st.sampled_from(["Tides", "Ebb", "Flood", "Surge"]))
    def edit(self, who: int, data: st.DataObject, title: str) -> None:
        self.write(who, replace(self.some(data), title=title))

    @precondition(lambda self: self.model.written(Status.PUBLISHED))
    @rule(who=WHO, data=st.data(), license=st.sampled_from(["house", "closed"]))
    def relicense(self, who: int, data: st.DataObject, license: str) -> None:  # noqa: A002  (its name)
        self.write(who, replace(self.some(data), license=license))

    def some(self, data: st.DataObject) -> Piece:
        self.settle(0)
        guid = data.draw(st.sampled_from(self.model.written(Status.PUBLISHED)))
        return self.model.pieces[guid]

    @precondition(lambda self: self.model.written(Status.PUBLISHED))
    @rule(who=WHO, data=st.data())
    def retract(self, who: int, data: st.DataObject) -> None:
        piece = self.some(data)
        self.order(who, "retract", piece.guid)
        piece.status = Status.RETRACTED

    @rule(who=WHO)
    def settle(self, who: int) -> None:
        self.order(who, "settle")
        self.model.settle()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.model.now += timedelta(seconds=seconds)

    @rule(seconds=SECONDS)
    def the_clock_is_turned_back(self, seconds: int) -> None:
        self.settle(0)
        self.model.now -= timedelta(seconds=seconds)

    @rule(who=WHO, name=st.sampled_from(["Ada", "Ben", "Cleo"]))
    def rename(self, who: int, name: str) -> None:
        self.model.author = f"{name} {self.model.run}"
        self.order(who, "rename", self.model.slug, self.model.author)

    @rule(who=WHO, reader=WHO, kind=st.sampled_from(["json", "atom"]))
    def move(self, who: int, reader: int, kind: str) -> None:
        """The old address, which the reader may keep an answer of, leads to the new one."""
        self.get(reader, kind)
        old = self.model.slug
        self.model.slug = self.model.run if old != self.model.run else f"{old}-moved"
        self.order(who, "move", old, self.model.slug)
        deadline = time.monotonic() + self.site.patience
        path = f"/feeds/author/{old}.{kind}"
        while (status := self.site.clerks[reader].do("get", self.model.now, path)[0]) != 301:
            assert time.monotonic() < deadline, status
        self.get(reader, kind)

    @rule(who=WHO, title=st.sampled_from(SITES), republish=st.sampled_from(["full", "summary"]))
    def reload(self, who: int, title: str, republish: str) -> None:
        self.site.last = self.model.site, self.model.republish = title, republish
        self.order(who, "reload", self.site.settings(title, republish))

    @rule(who=WHO, kind=st.sampled_from(["json", "atom"]))
    def get(self, who: int, kind: str) -> None:
        expected, deadline = self.model.told(), time.monotonic() + self.site.patience
        while (found := self.told(who, kind)) != expected:
            assert found in self.past, "what was never true"
            assert time.monotonic() < deadline, (found, expected)
            time.sleep(_AGAIN)
        self.past.add(expected)

    def told(self, who: int, kind: str) -> Told:
        path = f"/feeds/author/{self.model.slug}.{kind}"
        tag, before = self.tags.get(path, (None, ""))
        status, text, etag = self.site.clerks[who].do("get", self.model.now, path, tag)
        assert status in (200, 304), text
        self.site.asked += 1
        text = before if status == 304 else text
        self.tags[path] = (etag, text)
        return READ[kind](text)

    @precondition(lambda self: len(self.model.written(Status.PUBLISHED)) > 1)
    @rule(writer=WHO, reader=WHO, title=st.sampled_from(["Gale", "Storm"]))
    def ask_while_two_are_edited_as_one(self, writer: int, reader: int, title: str) -> None:
        if writer == reader:
            return
        self.settle(0)
        before = self.model.told()
        pieces = [
            replace(self.model.pieces[guid], title=title)
            for guid in self.model.written(Status.PUBLISHED)[-2:]
        ]
        drafts = [self.model.draft(piece) for piece in pieces]
        self.site.clerks[writer].begin("write", self.model.now, *drafts)
        self.model.pieces |= {piece.guid: piece for piece in pieces}
        allowed = {before, self.model.told(), *self.past}
        while not self.site.clerks[writer].is_done():
            assert self.told(reader, "json") in allowed
        self.site.clerks[writer].result()
        self.past.add(before)
        self.get(reader, "json")


def _from_json(text: str) -> Told:
    found = json.loads(text)
    entries = tuple(
        (it["id"], it["title"], "All of" in it.get("content_html", ""), it["authors"][0]["name"])
        for it in found["items"]
    )
    return found["title"], entries


def _from_atom(text: str) -> Told:
    found = etree.fromstring(text.encode())
    entries = tuple(
        (
            str(it.findtext(f"{ATOM}id")),
            str(it.findtext(f"{ATOM}title")),
            "All of" in (it.findtext(f"{ATOM}content") or ""),
            str(it.findtext(f"{ATOM}author/{ATOM}name")),
        )
        for it in found.iterfind(f"{ATOM}entry")
    )
    return str(found.findtext(f"{ATOM}title")), entries


READ: dict[str, Callable[[str], Told]] = {"json": _from_json, "atom": _from_atom}


@pytest.mark.parametrize("runs", [pytest.param(200), pytest.param(5000, marks=pytest.mark.soak)])
@pytest.mark.timeout(3600)
def test_no_answer_is_stale_torn_or_of_the_future(site: Site, runs: int) -> None:
    run_state_machine_as_test(
        type("FreshnessOfSite", (Freshness,), {"site": site}),
        settings=settings(
            max_examples=runs,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert site.asked > runs
