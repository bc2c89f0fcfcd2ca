"""What config.toml declares comes into the store: by the thousand, and no source loses where it stands."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event, func, select, text

from service.model import Category, SourceState
from service.store import categories, changelog, sources
from service.store.schema import hosts
from tests.newsroom import NOW

HOUR = timedelta(hours=1)
MANY = 20_000


def declared(slug: str = "lantern", name="The Lantern", url="https://a.example/feed", paused=False):
    return slug, name, url, paused


def declare(store, *wanted, now=NOW):
    with store.writing() as tx:
        sources.declare(tx, wanted, now)


def kept(store, slug: str = "lantern"):
    with store.reading() as tx:
        return sources.at(tx, slug)


def stand(store, **changed):
    """Let the source have been polled, with that outcome."""
    with store.writing() as tx:
        sources.record(tx, replace(kept(store), **changed))


def many(number: int = MANY, name: str = "Source"):
    return [declared(f"s{n}", name, f"https://host{n % 8000}.example/{n}") for n in range(number)]


@contextmanager
def statements(store, most: int):
    """At most so many statements are sent to the database."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    assert len(sent) <= most, sent


def test_a_new_source_is_due_at_once(store):
    declare(store, declared())
    found = kept(store)
    assert (found.name, found.host, found.state) == (
        "The Lantern",
        "a.example",
        SourceState.ACTIVE,
    )
    assert found.next_at == NOW


def test_a_source_that_stays_keeps_its_time_and_its_validators(store):
    declare(store, declared())
    stand(store, next_at=NOW + HOUR, etag='"1"', failures=2)
    declare(store, declared(name="The New Lantern"), declared("other"), now=NOW + HOUR / 2)
    found = kept(store)
    assert (found.name, found.next_at) == ("The New Lantern", NOW + HOUR)
    assert (found.etag, found.failures) == ('"1"', 2)


def test_a_source_that_moves_forgets_validators_and_keeps_its_time(store):
    """POL-04, POL-08."""
    declare(store, declared())
    stand(
        store,
        next_at=NOW + HOUR,
        etag='"1"',
        last_modified="Mon, 23 Nov 2026 12:00:00 GMT",
        validators_url="https://a.example/feed",
        failures=2,
    )
    declare(store, declared(url="https://b.example/feed"))
    found = kept(store)
    assert (found.url, found.host, found.next_at) == (
        "https://b.example/feed",
        "b.example",
        NOW + HOUR,
    )
    assert (found.etag, found.last_modified, found.validators_url) == (None, None, None)
    assert found.failures == 0


@pytest.mark.parametrize(
    ("again", "state"),
    [
        (declared(), SourceState.STOPPED),
        (declared(name="Another name"), SourceState.STOPPED),
        (declared(paused=True), SourceState.PAUSED),
        (declared(url="https://b.example/feed"), SourceState.ACTIVE),
    ],
)
def test_what_upstream_ended_stays_ended_until_it_moves(store, again, state):
    declare(store, declared())
    stand(store, state=SourceState.STOPPED)
    declare(store, again)
    assert kept(store).state is state


def test_how_a_poll_of_the_old_url_went_says_nothing_about_the_new(store):
    declare(store, declared())
    asked = kept(store)
    declare(store, declared(url="https://b.example/feed"))
    before = kept(store)
    with store.writing() as tx:
        ended = replace(asked, state=SourceState.STOPPED, etag='"old"', failures=3)
        sources.record(tx, replace(ended, last_error="410", next_at=NOW + HOUR))
    assert kept(store) == before


def test_a_source_that_is_no_longer_declared_stays_as_removed_and_may_return(store):
    declare(store, declared(), declared("other"))
    stand(store, etag='"1"')
    for _ in range(2):
        declare(store, declared("other"))
        assert kept(store).state is SourceState.REMOVED
    assert kept(store, "other").state is SourceState.ACTIVE
    declare(store, declared(), declared("other"))
    assert (kept(store).state, kept(store).etag) == (SourceState.ACTIVE, '"1"')


def test_twenty_thousand_sources_are_declared_by_a_few_statements(store):
    with statements(store, 8):
        declare(store, *many())
    with statements(store, 8):
        declare(store, *many(name="Renamed"))
    with statements(store, 4):
        declare(store, *many(name="Renamed"))
    with store.reading() as tx:
        assert len(sources.listed(tx)) == MANY
        assert tx.execute(select(func.count()).select_from(hosts)).scalar_one() == 8000
    with statements(store, 8):
        declare(store)
    with store.reading() as tx:
        assert {it.state for it in sources.listed(tx)} == {SourceState.REMOVED}


def test_what_is_due_is_found_by_an_index(store):
    declare(store, *many(2000), now=NOW + HOUR)
    declare(store, *many(2000), declared("due"), now=NOW)
    asked = []

    def note(_connection, _cursor, statement, parameters, *_others) -> None:
        asked.append((statement, parameters))

    with store.writing() as tx:
        tx.execute(text("ANALYZE"))
        event.listen(tx, "before_cursor_execute", note)
        assert sources.due_hosts(tx, NOW, limit=64) == ["a.example"]
        statement, parameters = asked.pop()
        explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
        plan = str(tx.exec_driver_sql(explain + statement, parameters).all())
    assert "ix_sources_state_next_at" in plan
    assert "LIMIT" in statement


def test_declared_categories_are_made_and_changed_in_place_and_told_to_caches(store):
    water = Category(scheme="theme", slug="water", label="Water")
    air = Category(scheme="theme", slug="air", label="Air")

    def put(*wanted) -> int:
        """Gives the number of the last change."""
        with store.writing() as tx:
            categories.declare(tx, wanted, NOW)
            return changelog.last(tx)

    first = put(water)
    with store.reading() as tx:
        before = categories.at(tx, "theme", "water")
    assert put(water, air) == first
    assert put(replace(water, label="Waters", description="All of it.", closed=True), air) > first
    with store.reading() as tx:
        after = categories.at(tx, "theme", "water")
        assert categories.at(tx, "theme", "air").label == "Air"
    assert after == replace(before, label="Waters", description="All of it.", closed=True)


def test_many_categories_are_declared_by_a_few_statements(store):
    wanted = [Category(scheme="theme", slug=f"c{n}", label=f"C {n}") for n in range(2000)]
    for label in ("", "", " renamed"):
        with statements(store, 10), store.writing() as tx:
            categories.declare(tx, [replace(it, label=it.label + label) for it in wanted], NOW)
