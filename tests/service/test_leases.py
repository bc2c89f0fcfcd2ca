"""The right to talk to a host: held by one at a time, by one clock for all, and of no use once lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, select, update

from service import ingest
from service.config import Fetch
from service.errors import LeaseLost
from service.model import PollResult
from service.store import Store, leases, polls, sources
from service.store.schema import hosts
from service.store.types import DatabaseTime, UtcTime
from tests.fakes import Reply
from tests.newsroom import NOW
from tests.service.test_ingest import (
    document,
    entry,
    published,
    runtime,
    serve,
    source,
    upstream,
)

__all__ = ["runtime", "upstream"]  # fixtures

HOST = "partner.example"
HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=20)


@pytest.fixture(autouse=True)
def known_host(store: Store) -> None:
    with store.writing() as tx:
        tx.execute(insert(hosts).values(name=HOST))


@pytest.fixture
def other(database: str) -> Iterator[Store]:
    """The same database, as another process has it."""
    held = Store(database)
    yield held
    held.close()


def claim(store: Store, owner: str = "one", host: str = HOST, now=NOW, lasting=HOUR):
    with store.writing() as tx:
        return leases.claim(tx, host, owner=owner, now=now, lasting=lasting)


def holder(store: Store, host: str = HOST) -> str | None:
    with store.reading() as tx:
        owner: str | None
        owner = tx.execute(select(hosts.c.owner).where(hosts.c.name == host)).scalar_one()
    return owner


def take_over(store: Store, host: str = HOST):
    """Let the lease be over and claim the host for another poller."""
    with store.writing() as tx:
        over = update(hosts).where(hosts.c.name == host)
        tx.execute(over.values(leased_until=datetime(2026, 1, 1, tzinfo=UTC)))
    taken = claim(store, "another", host)
    assert taken
    return taken


def test_a_host_is_held_by_one(store):
    assert claim(store, "one").fence == 1
    assert claim(store, "two") is None
    assert holder(store) == "one"


def test_nobody_holds_a_host_that_is_unknown(store):
    assert claim(store, host="nowhere.example") is None


def test_a_lease_ends_and_the_next_has_a_higher_fence(store):
    first = claim(store, "one", lasting=MOMENT)
    time.sleep(2 * MOMENT.total_seconds())
    assert claim(store, "two").fence == first.fence + 1


@pytest.mark.parametrize("error", [timedelta(days=-400), timedelta(days=400)])
def test_a_lease_holds_whatever_a_pollers_own_clock_says(store, error):
    claim(store, "one")
    assert claim(store, "two", now=NOW + error) is None


def test_the_database_tells_the_time(store):
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # SQLite tells whole milliseconds
    with store.reading() as tx:
        told = UtcTime().process_result_value(tx.execute(select(DatabaseTime())).scalar_one(), None)
    assert before <= told <= datetime.now(UTC) + timedelta(milliseconds=1)


def test_the_time_goes_on_within_a_transaction(store):
    """Which may have waited long for its turn, so its begin says nothing."""
    with store.writing() as tx:
        first = tx.execute(select(DatabaseTime())).scalar_one()
        time.sleep(MOMENT.total_seconds())
        assert tx.execute(select(DatabaseTime())).scalar_one() > first


def test_holding_renews(store):
    lease = claim(store, "one", lasting=MOMENT)
    with store.writing() as tx:
        leases.hold(tx, lease, now=NOW)
        until, told = tx.execute(select(hosts.c.leased_until, DatabaseTime())).one()
        time.sleep(MOMENT.total_seconds())
        leases.hold(tx, lease, now=NOW)
        renewed = tx.execute(select(hosts.c.leased_until)).scalar_one()
    assert renewed - until >= MOMENT / 2
    assert until - UtcTime().process_result_value(told, None) <= MOMENT


def test_a_lease_that_is_over_is_still_ours_while_nobody_claims_it(store):
    lease = claim(store, "one", lasting=MOMENT)
    time.sleep(2 * MOMENT.total_seconds())
    with store.writing() as tx:
        leases.hold(tx, lease, now=NOW)
    assert holder(store) == "one"


def test_a_stale_holder_cannot_hold_and_releases_nothing(store):
    stale = claim(store, "one")
    taken = take_over(store)
    with pytest.raises(LeaseLost, match=HOST), store.writing() as tx:
        leases.hold(tx, stale, now=NOW)
    with store.writing() as tx:
        leases.release(tx, stale, not_before=NOW)
    assert holder(store) == "another"
    with store.writing() as tx:
        leases.hold(tx, taken, now=NOW)


def test_a_released_host_is_free_after_its_pause(store):
    lease = claim(store, "one")
    with store.writing() as tx:
        leases.release(tx, lease, not_before=NOW + HOUR)
    assert holder(store) is None
    assert claim(store, "two", now=NOW + HOUR / 2) is None
    assert claim(store, "two", now=NOW + HOUR)


def test_of_many_who_claim_at_once_one_gets_it(database, store):
    """P13: each through connections of its own, as other processes would."""
    stores = [Store(database) for _ in range(4)]
    start = threading.Barrier(len(stores))
    won: list[list[str]] = [[] for _ in range(10)]

    def compete(own: Store, name: str) -> None:
        for round_ in won:
            start.wait(10)
            lease = claim(own, name)
            start.wait(10)
            if lease:
                round_.append(name)
                with own.writing() as tx:
                    leases.release(tx, lease, not_before=NOW)

    threads = [threading.Thread(target=compete, args=(it, f"{n}")) for n, it in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
    assert [len(winners) for winners in won] == [1] * 10
    with store.reading() as tx:
        assert tx.execute(select(hosts.c.fence).where(hosts.c.name == HOST)).scalar_one() == 10


@contextmanager
def before(runtime, transaction: int, act):
    """Call `act` just before the n-th writing transaction from now; it has to come."""
    begun = []

    def count(_connection) -> None:
        begun.append(1)
        if len(begun) == transaction:
            act()

    event.listen(runtime.store.engine, "engine_connect", count)
    try:
        yield
    finally:
        event.remove(runtime.store.engine, "engine_connect", count)
    assert len(begun) >= transaction


BEGIN, FIRST, SECOND, LAST, NEXT = range(1, 6)  # the writing transactions of a poll, and of another


@pytest.mark.parametrize(
    ("lost_before", "asked", "begun", "kept"),
    [(FIRST, 1, 1, 0), (SECOND, 1, 1, 50), (LAST, 1, 1, 100)],
)
def test_who_lost_the_lease_writes_and_sends_nothing_more(
    other, runtime, upstream, lost_before, asked, begun, kept
):
    """P13, at every step of a poll of 120 entries, which are three chunks."""
    serve(upstream, "/feed.atom", document(*(entry(n) for n in range(1, 121))))
    upstream.script("/other.rss", Reply(304))
    host = source(runtime).host
    with before(runtime, lost_before, lambda: take_over(other, host)):
        assert ingest.poll_host(runtime, host, owner="one") == []
    assert [it.path for it in upstream.journal] == ["/feed.atom"] * asked
    assert len(published(runtime)) == kept
    with runtime.store.reading() as tx:
        written = polls.listed(tx, source(runtime).id, limit=5)
    assert [it.result for it in written] == [PollResult.BROKEN_OFF] * begun
    assert source(runtime).etag is None
    assert source(runtime).last_success is None
    assert holder(other, host) == "another"


def test_who_lost_the_lease_between_two_sources_asks_no_other_and_does_not_release_it(
    other, runtime, upstream
):
    serve(upstream, "/other.rss", document())
    serve(upstream, "/feed.atom", document(*(entry(n) for n in range(1, 121))))
    host = source(runtime).host
    with before(runtime, NEXT, lambda: take_over(other, host)):
        (outcome,) = ingest.poll_host(runtime, host, owner="one")
    assert outcome.imported == 120
    assert [it.path for it in upstream.journal] == ["/feed.atom"]
    assert holder(other, host) == "another"


def test_a_host_is_given_back_with_the_last_answer(other, runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1)))
    host = source(runtime).host
    with before(runtime, FIRST, lambda: None):
        ingest.poll_named(runtime, "lantern", owner="one")
    assert holder(other, host) is None
    assert ingest.poll_host(runtime, host, owner="one") == []  # the gap has to pass


def test_threads_begin_together_and_none_gets_a_host_that_another_has(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1)))
    host = source(runtime).host
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: ingest.poll_host(runtime, host, owner=str(n)), range(8)))
    assert sorted(map(len, found)) == [0] * 7 + [2]


def test_who_slept_longer_than_a_fetch_may_take_sends_nothing(runtime, upstream, clock):
    """Its lease may be over and the host another's, but it cannot know."""
    serve(upstream, "/feed.atom", document(entry(1)))
    committed = []

    def sleep_after_begin(_connection) -> None:
        committed.append(1)
        if len(committed) == BEGIN:
            clock.advance(runtime.config.fetch.total.total_seconds())

    event.listen(runtime.store.engine, "commit", sleep_after_begin)
    outcome = ingest.poll_named(runtime, "lantern", owner="one")
    assert upstream.journal == []
    assert outcome.result is PollResult.FAILED
    assert "no whole answer within 20s" in outcome.reason


@pytest.mark.parametrize(
    ("total", "gap", "at_least"),
    [(20, 1, 120), (20, 0, 120), (600, 1, 601), (20, 3600, 3620), (600, 3600, 4200)],
)
def test_a_lease_outlasts_the_fetch_and_the_gap_after_it(total, gap, at_least):
    fetch = Fetch(total=timedelta(seconds=total), gap=timedelta(seconds=gap))
    assert ingest.lease_time(fetch) >= timedelta(seconds=at_least)
    assert ingest.lease_time(fetch) > fetch.total + fetch.gap


def test_a_lease_shorter_than_a_fetch_is_refused(runtime):
    total = runtime.config.fetch.total
    with pytest.raises(ValueError, match="ends before a fetch may"):
        ingest.poll_host(runtime, source(runtime).host, owner="one", lasting=total)


def test_due_hosts_are_told_the_longest_waiting_first(store):
    with store.writing() as tx:
        for hour, name in enumerate(["c", "a", "b", "d"]):
            declared = [(it.slug, it.name, it.url, False) for it in sources.listed(tx)]
            fresh = [(f"{name}{n}", name, f"https://{name}.example/{n}", False) for n in (1, 2)]
            sources.declare(tx, declared + fresh, NOW + hour * HOUR)
    claim(store, host="a.example")
    with store.reading() as tx:
        ask = [sources.due_hosts(tx, NOW + 2 * HOUR, limit=limit) for limit in (1, 9)]
        assert ask == [["c.example"], ["c.example", "b.example"]]
        assert sources.due_hosts(tx, NOW - HOUR, limit=9) == []
