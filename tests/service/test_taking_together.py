"""What several sources bring is the same whether it is taken in at once or one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from feeds import changes
from feeds.identity import alias, entry_page
from feeds.model import Entry, Feed, Person
from feeds.preparing import prepared
from service import intake
from service import runtime as running
from service.config import Config
from service.intake import Delivery, Portion, Tally
from service.packing import packed
from service.parsing import Parser
from service.runtime import Runtime
from service.store import Transaction, entries, sources
from service.store.schema import metadata, places, shelves
from tests.fakes import ManualClock
from tests.newsroom import NOW
from tests.spoken import spoken

SLUGS = ("lantern", "unclear", "third", "fourth")
MINTED = re.compile("article/[0-9a-f]{32}")
LEFT_OUT = {
    *("changes", "scopes", "meta", "settings"),  # told less often of what is done at once
    *("shelves", "postings", "places"),  # shelves are opened in another order: see STANDING
}
STANDING = select(shelves.c.scope, shelves.c.state, places.c.rank, places.c.article_id).join(
    places, places.c.shelf_id == shelves.c.id
)

numbers = st.integers(0, 7)
people = st.lists(st.sampled_from(("Ada Marsh", "Ben Okoro", "ada marsh")), max_size=2)


@st.composite
def stories(draw: st.DrawFn, slug: str) -> Entry:
    """One of few stories, whose site, id and text may be those of another source's."""
    number = draw(numbers)
    site = draw(st.sampled_from((slug, slug, slug, "shared")))
    said = draw(st.sampled_from(("One day the harbour froze over, and stayed so.", "Nothing.", "")))
    return Entry(
        id=draw(st.sampled_from((f"tag:{site}.example,2026:{number}", None))),
        title=draw(st.sampled_from((f"Story {number}", None))),
        link=f"https://{site}.example/{number}",
        authors=tuple(map(Person, draw(people))),
        published=NOW - timedelta(hours=number),
        updated=NOW - timedelta(hours=number) + timedelta(minutes=draw(numbers)),
        content=f"<p>{said}</p>" if said else None,
        rights=draw(st.sampled_from((None, "Copyright"))),
    )


Round = list[list[Entry]]  # what each source says
rounds = st.lists(
    st.tuples(*(st.lists(stories(slug), max_size=4) for slug in SLUGS)).map(list),
    min_size=2,
    max_size=3,
)


@pytest.fixture
def database(tmp_path) -> str:
    """SQLite: row ids come back there when a transaction is undone, so that all rows can be compared."""
    return f"sqlite:{tmp_path / 'feedwright.db'}"


@pytest.fixture
def runtime(
    configure: Callable[..., Config], clock: ManualClock, parser: Parser
) -> Iterator[Runtime]:
    """The newsroom with two sources more."""
    more = "".join(
        f'\n[[sources]]\nslug = "{slug}"\nname = "The {slug}"\nurl = "http://{slug}.example/feed"\n'
        for slug in SLUGS[2:]
    )
    config = configure(('[[sources]]\nslug = "lantern"', f'{more}\n[[sources]]\nslug = "lantern"'))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        yield held


def delivered(tx: Transaction, runtime: Runtime, slug: str, said: Sequence[Entry]) -> Portion:
    """What a poll makes of these entries."""
    source, own = sources.at(tx, slug), runtime.config.source(slug)
    feed = prepared(Feed(title=slug, entries=tuple(said)), url=own.url, pack=packed)
    keys = {key.value for key in changes.keys(feed.entries) if key}
    pages = {at for it in feed.entries if (at := entry_page(it))}
    found = entries.known(tx, source.id, keys, set(map(alias, keys)), pages)
    known = {it.key: it for it in entries.told(tx, found, whole=True)}
    delivery = Delivery(source.id, None, own, runtime.config, feed, known)
    return intake.portion(delivery, delivery.compared(), NOW)


def at_once(tx: Transaction, portions: list[Portion]) -> list[Tally]:
    return intake.take(tx, portions, now=NOW)


def in_turn(tx: Transaction, portions: list[Portion]) -> list[Tally]:
    return [tally for it in portions for tally in intake.take(tx, [it], now=NOW)]


class Undo(Exception):
    pass


def outcome(runtime: Runtime, told: list[Round], take) -> tuple[list[list[Tally]], dict]:
    """What is counted, and every row in the end."""
    tallies, rows = [], {}
    with suppress(Undo), runtime.store.writing() as tx:
        for said in told:
            portions = [
                delivered(tx, runtime, *it) for it in zip(SLUGS, said, strict=True) if it[1]
            ]
            tallies.append(take(tx, portions))
        asked = {it.name: select(it) for it in metadata.sorted_tables if it.name not in LEFT_OUT}
        for name, query in {**asked, "standing": STANDING}.items():
            rows[name] = sorted(MINTED.sub("minted", repr(it)) for it in tx.execute(query))
        rows["words"] = list(map(repr, spoken(tx).items()))
        raise Undo
    return tallies, rows


@settings(max_examples=20, phases=(Phase.explicit, Phase.generate))
@given(told=rounds)
def test_at_once_or_in_turn(runtime, told):
    one, other = outcome(runtime, told, at_once), outcome(runtime, told, in_turn)
    assert one[0] == other[0]
    for name, rows in one[1].items():
        assert rows == other[1][name], name


def test_what_is_unrelated_is_taken_in_at_once(runtime):
    """Else the test above would compare nothing."""
    said = [[replace(Entry(id=f"tag:{slug}.example,2026:1", title="Story"))] for slug in SLUGS]
    tallies, rows = outcome(runtime, [said], at_once)
    assert sum(map(sum, (it.values() for it in tallies[0]))) == len(rows["articles"]) == len(SLUGS)
