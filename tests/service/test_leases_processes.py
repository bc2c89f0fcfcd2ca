"""Pollers as real processes, stopped for longer than their leases and killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from typing import NamedTuple

import pytest
from sqlalchemy import func, select, text

from feeds.model import Entry, Feed, Format
from feeds.writing import write
from service import runtime as running
from service.config import Config, SourceSettings
from service.model import PollResult
from service.store import Store
from service.store.schema import articles, polls, sources
from service.store.types import DatabaseTime
from tests import pollers
from tests.fakes import NOON, Reply, Request, Upstream
from tests.nursery import NURSERY
from tests.serving import until

pytestmark = pytest.mark.long(30)

LEASE = timedelta(seconds=0.4)
FETCH = timedelta(seconds=0.25)  # at most
STOP = 2 * LEASE.total_seconds()
ANSWER = 0.08  # seconds from a request to its answer
TOLERANCE = 0.02  # seconds between the clocks of database, kernel and test
HOSTS, FEEDS = 6, 3  # feeds of each host
STOPPED_AT_ONCE = 2
POLLERS = ("anna", "bert", "cleo", "dora")

# What the database itself writes down: each claim, and under which fence a poll's rows were written while
# which one held the host. A poll's other rows are written in transactions that hold some of these.
_HELD = (
    "FROM polls p JOIN sources s ON s.id = p.source_id JOIN hosts h ON h.name = s.host WHERE p.id"
)
TRIGGERS = {
    "claims": ("UPDATE OF fence ON hosts", "claimed SELECT NEW.name, NEW.owner, {now}"),
    "begun": ("INSERT ON polls", f"written SELECT NEW.fence, h.fence {_HELD} = NEW.id"),
    "ended": ("UPDATE ON polls", f"written SELECT NEW.fence, h.fence {_HELD} = NEW.id"),
    "decided": ("INSERT ON fates", f"written SELECT p.fence, h.fence {_HELD} = NEW.poll_id"),
}


class Claim(NamedTuple):
    at: float  # seconds since 1970, by the database's clock
    owner: str


@pytest.fixture
def audited(store: Store) -> Iterator[Store]:
    """The store, with triggers that write down who claims and under which fence is written."""
    now = str(DatabaseTime().compile(dialect=store.engine.dialect))
    with store.writing() as tx:
        tx.exec_driver_sql("CREATE TABLE claimed (host TEXT, owner TEXT, at BIGINT)")
        tx.exec_driver_sql("CREATE TABLE written (fence INTEGER, held INTEGER)")
        for name, (when, what) in TRIGGERS.items():
            act = f"BEGIN INSERT INTO {what.format(now=now)};"
            if store.is_sqlite:
                tx.exec_driver_sql(f"CREATE TRIGGER {name} AFTER {when} {act} END")
            else:
                tx.exec_driver_sql(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                    f"AS $$ {act} RETURN NULL; END $$"
                )
                tx.exec_driver_sql(
                    f"CREATE TRIGGER {name} AFTER {when} FOR EACH ROW EXECUTE FUNCTION {name}()"
                )
    yield store
    if not store.is_sqlite:  # the next test's database is the same
        with store.writing() as tx:
            for name in TRIGGERS:
                tx.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")
            tx.exec_driver_sql("DROP TABLE claimed, written")


@pytest.fixture
def upstreams() -> Iterator[list[Upstream]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Upstream()) for _ in range(HOSTS)]


@pytest.fixture
def partners(configure: Callable[..., Config], upstreams: Sequence[Upstream]) -> Config:
    """Settings with some feeds of each host."""
    config = configure()
    found = [
        SourceSettings(
            slug=f"feed-{it.port}-{n}", name=f"Feed {it.port} {n}", url=it.url(f"/{n}.atom")
        )
        for it in upstreams
        for n in range(FEEDS)
    ]
    ports = tuple(it.port for it in upstreams)
    networks = ("127.0.0.0/8",)
    limits = {"total": FETCH, "allow_ports": ports, "allow_networks": networks}
    fetch = config.fetch.model_copy(update=limits)
    return config.model_copy(update={"sources": tuple(found), "fetch": fetch})


def started(config: Config, name: str, act: Callable[..., None], *arguments: object) -> BaseProcess:
    """A poller that tells its name in the User-Agent."""
    fetch = config.fetch.model_copy(update={"contact": f"https://{name}.example/"})
    own = config.model_copy(update={"fetch": fetch})
    process = NURSERY.Process(target=act, args=(own, name, *arguments))
    process.start()
    return process


def asker(request: Request) -> str:
    return request.headers["User-Agent"].partition("https://")[2].partition(".")[0]


def _all_are_warm(upstreams: Sequence[Upstream]) -> bool:
    """Whether each poller has asked some times, and so has its readers at work."""
    asked = Counter(asker(request) for it in upstreams for request in it.journal)
    return all(asked[name] >= 3 for name in POLLERS)


def news(port: int) -> Callable[[Request], Reply]:
    """A feed with another new entry for every fifth request."""
    asked: Counter[str] = Counter()

    def answer(request: Request) -> Reply:
        asked[request.path] += 1
        newest = asked[request.path] // 5
        items = tuple(_story(port, request.path, n) for n in range(newest, newest + 3))
        feed = Feed(id=f"tag:p.example,2026:{port}", title="P", updated=NOON, entries=items)
        return Reply(body=write(feed, Format.ATOM), pause=ANSWER)

    return answer


def _story(port: int, path: str, number: int) -> Entry:
    return Entry(
        id=f"tag:p.example,2026:{port}{path}:{number}",
        title=f"Story {number}",
        link=f"https://p.example/{port}{path}/{number}",
        published=NOON,
        updated=NOON,
        content=f"<p>Text {number}</p>",
    )


def disturb(processes: dict[str, BaseProcess], upstreams: Sequence[Upstream], rounds: int) -> None:
    """Stop one or another, two at the same time, each for twice the lease.

    Every other time it is the one that has just asked; between two stops somebody asks, so that a busy
    machine makes the rounds longer and not emptier.
    """
    chance = random.Random(rounds)
    until_then: dict[BaseProcess, float] = {}
    try:
        for number in range(rounds):
            before = asked_in(upstreams)
            while len(until_then) == STOPPED_AT_ONCE or asked_in(upstreams) == before:
                _wake(until_then, time.monotonic())
                time.sleep(0.002)
            time.sleep(chance.uniform(0, ANSWER))
            free = [it for it in processes.values() if it not in until_then]
            latest = processes[_last_asker(upstreams)]
            victim = latest if number % 2 and latest in free else chance.choice(free)
            os.kill(victim.pid, signal.SIGSTOP)
            until_then[victim] = time.monotonic() + STOP
    finally:
        _wake(until_then, float("inf"))


def _last_asker(upstreams: Sequence[Upstream]) -> str:
    last = [it.journal[-1] for it in upstreams if it.journal]
    return asker(max(last, key=lambda request: request.monotonic))


def _wake(until_then: dict[BaseProcess, float], now: float) -> None:
    for process in [it for it, moment in until_then.items() if moment <= now]:
        os.kill(process.pid, signal.SIGCONT)
        del until_then[process]


def claims(store: Store) -> dict[str, list[Claim]]:
    """Every claim of each host, the oldest first."""
    found: dict[str, list[Claim]] = defaultdict(list)
    with store.reading() as tx:
        for host, owner, at in tx.execute(text("SELECT host, owner, at FROM claimed ORDER BY at")):
            found[host].append(Claim(at / 1e6, owner))
    return found


def holders(history: Sequence[Claim], moment: float) -> set[str]:
    """Who held the host then, the latest claim being what counts."""
    about = (moment - TOLERANCE, moment + TOLERANCE)
    return {history[max(bisect(history, (it, "~")) - 1, 0)].owner for it in about}


@pytest.mark.parametrize("rounds", [50, pytest.param(500, marks=pytest.mark.soak)])
@pytest.mark.timeout(900)
def test_pollers_that_sleep_through_their_leases_neither_ask_nor_write(
    audited: Store, partners: Config, upstreams: list[Upstream], rounds: int
) -> None:
    """P13: four processes whose clocks disagree, stopped for twice the lease, over and over."""
    for it in upstreams:
        for n in range(FEEDS):
            it.script(f"/{n}.atom", news(it.port))
    start = datetime.now(UTC)
    running.prepare(partners)
    processes: dict[str, BaseProcess] = {}
    try:
        for number, name in enumerate(POLLERS):
            clock = pollers.HastyClock(start, 36_000, timedelta(minutes=10 * number))
            processes[name] = started(partners, name, pollers.poll_until_told, clock, LEASE)
        until(lambda: _all_are_warm(upstreams))
        disturb(processes, upstreams, rounds)
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.join(30)
    assert [it.exitcode for it in processes.values()] == [0] * len(POLLERS)

    history, since = claims(audited), time.time() - time.monotonic()
    strangers, requests = [], 0
    for it in upstreams:
        name = f"127.0.0.1:{it.port}"
        asked = sorted((request.monotonic, asker(request)) for request in it.journal)
        requests += len(asked)
        strangers += [
            (name, moment, who)
            for moment, who in asked
            if who not in holders(history[name], moment + since)
        ]
        moments = [moment for moment, _ in asked]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert min(gaps) > ANSWER - TOLERANCE, "a host was asked again before it had answered"
    with audited.reading() as tx:
        written = tx.execute(text("SELECT count(*) FROM written")).scalar_one()
        stale = tx.execute(text("SELECT count(*) FROM written WHERE fence <> held")).scalar_one()
        ended = Counter(tx.execute(select(polls.c.result)).scalars())
        stored = tx.execute(select(func.count()).select_from(articles)).scalar_one()
        distinct = tx.execute(select(func.count(articles.c.guid.distinct()))).scalar_one()
    lost = ended[PollResult.CLAIMED]
    sys.stdout.write(
        f"{rounds=} {requests=} {written=} {stale=} {lost=} {stored=} polls={dict(ended)}\n"
    )
    assert strangers == []
    assert stale == 0
    assert stored == distinct > HOSTS * FEEDS
    assert lost >= rounds // 25, "hardly a poll was stopped in its midst"
    assert ended.total() - lost >= rounds
    assert written > 2 * (ended.total() - lost)


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.timeout(900)
def test_no_restart_polls_anything_early(
    store: Store, partners: Config, upstreams: list[Upstream], kills: int
) -> None:
    """POL-08: killed at any moment and started again, a source is asked at most once in its hour."""
    feeds = kills  # of each host: more than are polled before the last kill
    for it in upstreams:
        for n in range(feeds):
            it.script(f"/{n}.atom", unchanged)
    many = [
        elsewhere(source, it, n)
        for it, source in zip(upstreams, partners.sources[::FEEDS], strict=True)
        for n in range(feeds)
    ]
    config = partners.model_copy(update={"sources": tuple(many)})
    running.prepare(config)
    chance = random.Random(kills)
    for _ in range(kills):
        before = asked_in(upstreams)
        process = started(config, "anna", pollers.poll_all, LEASE)
        while asked_in(upstreams) == before and process.is_alive():
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        assert process.is_alive(), "everything was polled before the last kill"
        process.kill()
        process.join()
    last = started(config, "anna", pollers.poll_all, LEASE)
    last.join(60)
    assert last.exitcode == 0

    asked = Counter((it.port, request.path) for it in upstreams for request in it.journal)
    assert max(asked.values()) == 1
    with store.reading() as tx:
        begun = Counter(tx.execute(select(polls.c.source_id)).scalars())
        cut_short = tx.execute(
            select(func.count()).where(polls.c.result == PollResult.CLAIMED.value)
        ).scalar_one()
        due = tx.execute(select(func.min(sources.c.next_at))).scalar_one()
    sys.stdout.write(f"{kills=} asked={asked.total()} of {len(many)}, {cut_short=}\n")
    assert set(begun.values()) == {1}
    assert begun.total() == len(many)
    assert len(many) - asked.total() <= cut_short <= kills
    assert cut_short > 0
    assert due > datetime.now(UTC) + timedelta(minutes=50)


def unchanged(_request: Request) -> Reply:
    time.sleep(0.01)
    return Reply(304)


def elsewhere(source: SourceSettings, it: Upstream, number: int) -> SourceSettings:
    url = it.url(f"/{number}.atom")
    return source.model_copy(update={"slug": f"feed-{it.port}-{number}", "url": url})


def asked_in(upstreams: Sequence[Upstream]) -> int:
    return sum(len(it.journal) for it in upstreams)
