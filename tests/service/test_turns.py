"""From one host to the next: given back and claimed at once, and neither meets what becomes of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Row, event, select, update

from feeds.model import Feed, Format
from feeds.writing import write
from service import ingest
from service import runtime as running
from service.config import Config
from service.fetch import Fetcher
from service.model import PollResult
from service.parsing import Parser
from service.runtime import Runtime
from service.store import Store, leases, polls, sources
from service.store.schema import hosts
from tests.fakes import ManualClock, Reply, Request, conditional
from tests.internet import Internet
from tests.newsroom import NOW
from tests.service.lantern import document, entry

A, B, C = "a.example", "b.example", "c.example"  # polled in this order
MORE = """
[[sources]]
slug = "second"
url = "http://b.example/second"
name = "The Second of B"

[[sources]]
slug = "third"
url = "http://c.example/third"
name = "The Third"

[content]
"""
GAP = timedelta(seconds=2)
DAY = 86_400  # seconds
ALL = ["a.example/lantern", "b.example/unclear", "b.example/second", "c.example/third"]
ARCHIVE = "b.example/archive"
STORY = document(entry(1))
LEADS_ON = write(
    Feed(id="urn:b", title="B", updated=NOW, previous_archive=f"http://{ARCHIVE}"), Format.ATOM
)
Said = Callable[[Request], Reply | None] | Reply | None


class Net:
    """Partners that answer what they are told to, and who held which host at each request."""

    runtime: Runtime

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held: list[set[str]] = []
        self.at: dict[str, datetime] = {}  # when a host was last asked
        self.says: dict[str, Said] = dict.fromkeys((A, B, C), conditional(Reply(body=STORY)))

    def answer(self, host: str, request: Request) -> Reply | None:
        self.asked.append(host + request.path)
        self.at[host] = self.runtime.clock.now()
        self.held.append({it.name for it in self.hosts() if it.owner})
        said = self.says.get(host, Reply(404))
        return said(request) if callable(said) else said

    def hosts(self) -> list[Row[Any]]:
        with self.runtime.store.reading() as tx:
            return list(tx.execute(select(hosts).order_by(hosts.c.name)))

    def results(self, slug: str) -> list[PollResult]:
        """Of the polls of a source, the newest first."""
        with self.runtime.store.reading() as tx:
            return [it.result for it in polls.listed(tx, sources.at(tx, slug).id, limit=9)]

    def poll(self, at_once: int = 1) -> ingest.Round:
        """Poll what is due."""
        self.asked.clear()
        self.held.clear()
        fetch = self.runtime.config.fetch.model_copy(update={"hosts_at_once": at_once})
        config = self.runtime.config.model_copy(update={"fetch": fetch})
        return ingest.poll_due(replace(self.runtime, config=config), owner="test")

    def check_all_are_free(self) -> None:
        """Nobody holds a host, and each is left in peace for the gap after its last request."""
        for it in self.hosts():
            assert (it.owner, it.leased_until) == (None, None)
            assert it.not_before >= self.at[it.name] + GAP


@pytest.fixture
def net(configure: Callable[..., Config], clock: ManualClock, parser: Parser) -> Iterator[Net]:
    """A newsroom with three partners, the second of which has two feeds."""
    found = Net()
    config = configure(
        ("http://127.0.0.1:9/feed.atom", "http://a.example/lantern"),
        ("http://127.0.0.1:9/other.rss", "http://b.example/unclear"),
        ("\n[content]\n", MORE),
        ('gap = "0s"', 'gap = "2s"\narchives = 5'),
    )
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        fetcher = Fetcher(config, clock=clock, guard=Internet(found.answer))
        found.runtime = replace(held, fetcher=fetcher)
        yield found


def test_who_polls_several_hosts_holds_one_at_a_time(net):
    told = net.poll()
    assert net.asked == ALL
    assert net.held == [{A}, {B}, {B}, {C}]
    assert [it.source for it in told.outcomes] == ["lantern", "unclear", "second", "third"]
    assert told.refused == {}
    net.check_all_are_free()


def test_a_host_is_given_back_in_the_transaction_that_claims_the_next(net):
    begun: list[object] = []
    event.listen(net.runtime.store.engine, "begin", begun.append)
    net.poll()
    assert len(begun) == 6  # A; its end and B; the end of a poll; the next; its end and C; its end


@pytest.mark.parametrize(
    ("says", "asked"),
    [
        (conditional(Reply(body=STORY)), 2),
        (Reply(body=document(entry(2))), 2),
        (Reply(body=document(*(entry(n) for n in range(1, 121)))), 2),
        (Reply(body=b"no feed"), 2),
        (Reply(500), 2),
        (Reply(410), 2),
        (Reply(429), 1),
        (Reply(307, {"Location": "http://elsewhere.example/"}), 2),
        (None, 2),
    ],
    ids=["304", "200", "long", "unreadable", "500", "410", "429", "redirect", "silent"],
)
@pytest.mark.parametrize("at_once", [1, 3])
def test_however_a_visit_ends_its_host_is_free_and_the_others_are_polled(
    net, clock, says, asked, at_once
):
    net.poll()
    clock.advance(DAY)
    net.says[B] = says
    told = net.poll(at_once)
    assert len([it for it in net.asked if it.startswith(B)]) == asked
    assert len(told.outcomes) == asked + 2
    assert told.refused == {}
    assert net.results("lantern")[0] is net.results("third")[0] is PollResult.NOT_MODIFIED
    assert PollResult.CLAIMED not in net.results("unclear") + net.results("second")
    net.check_all_are_free()


def test_a_host_is_held_until_its_archives_are_asked_for(net):
    net.says[B] = lambda request: Reply(body=STORY if request.path == "/archive" else LEADS_ON)
    told = net.poll()
    assert net.asked == [*ALL[:2], ARCHIVE, ALL[2], ARCHIVE, ALL[3]]
    assert net.held == [{A}, {B}, {B}, {B}, {B}, {C}]
    assert len(told.outcomes) == 6
    net.check_all_are_free()


def test_who_lost_a_host_goes_on_with_the_next(net):
    def take_over(_request: Request) -> Reply:
        with net.runtime.store.writing() as tx:
            tx.execute(update(hosts).where(hosts.c.name == B).values(leased_until=NOW - GAP))
        with net.runtime.store.writing() as tx:
            assert leases.claim(tx, B, owner="another", now=NOW + GAP, lasting=timedelta(minutes=5))
        return Reply(body=STORY)

    net.says[B] = take_over
    told = net.poll()
    assert net.asked == [ALL[0], ALL[1], ALL[3]]
    assert [it.source for it in told.outcomes] == ["lantern", "third"]
    assert told.refused == {}
    assert [it.owner for it in net.hosts()] == [None, "another", None]
    assert [it.fence for it in net.hosts()] == [1, 2, 1]


def test_a_host_that_another_holds_is_passed_over(net):
    at, lasting = net.runtime.clock.now(), timedelta(minutes=5)

    def claim_the_next(_request: Request) -> Reply:
        with net.runtime.store.writing() as tx:
            assert leases.claim(tx, B, owner="another", now=at, lasting=lasting)
        return Reply(304)

    net.says[A] = claim_the_next
    net.poll()
    assert net.asked == [ALL[0], ALL[3]]
    assert [it.owner for it in net.hosts()] == [None, "another", None]


def test_a_host_whose_sources_are_paused_meanwhile_is_given_back_unasked(net):
    def pause(_request: Request) -> Reply:
        with net.runtime.store.writing() as tx:
            declared = [(it.slug, it.name, it.url, it.host == B) for it in sources.listed(tx)]
            sources.declare(tx, declared, net.runtime.clock.now())
        return Reply(304)

    net.says[A] = pause
    net.poll()
    assert net.asked == [ALL[0], ALL[3]]
    assert [it.owner for it in net.hosts()] == [None, None, None]


def test_who_is_to_stop_gives_its_host_back_before_its_next_source(net):
    def stop(_request: Request) -> Reply:
        net.runtime.stopping.set()
        return Reply(304)

    net.says[B] = stop
    net.poll()
    assert ALL[2] not in net.asked
    net.check_all_are_free()


@pytest.mark.parametrize(
    ("table", "about"),
    [
        ("hosts", "NEW.name = 'b.example' AND NEW.owner = 'test'"),
        ("polls", "NEW.url = 'http://b.example/second'"),
    ],
    ids=["claim", "end"],
)
@pytest.mark.parametrize("at_once", [1, 3])
def test_a_host_that_the_database_refuses_is_told_and_no_other_meets_that(
    net, table, about, at_once
):
    with refusing(net.runtime.store, table, about):
        told = net.poll(at_once)
    assert list(told.refused) == [B]
    assert "not today" in told.refused[B]
    assert {it.source for it in told.outcomes} >= {"lantern", "third"}
    assert net.asked.count(ALL[0]) == net.asked.count(ALL[3]) == 1
    assert net.results("lantern") == net.results("third") == [PollResult.NEW_CONTENT]
    assert [it.owner for it in net.hosts()] == [None, None, None]


@contextmanager
def refusing(store: Store, table: str, about: str) -> Iterator[None]:
    """Let the database refuse to change such rows."""
    when = f"BEFORE UPDATE ON {table}"
    with store.writing() as tx:
        if store.is_sqlite:
            refuse = "BEGIN SELECT RAISE(ABORT, 'not today'); END"
            tx.exec_driver_sql(f"CREATE TRIGGER sulking {when} WHEN {about} {refuse}")
        else:
            tx.exec_driver_sql(
                "CREATE FUNCTION sulk() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$"
            )
            tx.exec_driver_sql(
                f"CREATE TRIGGER sulking {when} FOR EACH ROW WHEN ({about}) EXECUTE FUNCTION sulk()"
            )
    yield
    if not store.is_sqlite:  # the next test's database is the same
        with store.writing() as tx:
            tx.exec_driver_sql("DROP FUNCTION sulk CASCADE")
