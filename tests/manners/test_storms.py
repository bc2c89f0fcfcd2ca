"""Restarts, outages and clocks gone wrong: nobody is overrun, and nobody is forgotten."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from service import ingest
from service import runtime as running
from service.config import Config, SourceSettings
from service.fetch import Fetcher
from service.model import Selection
from service.parsing import Parser
from service.politeness import Pace, next_poll
from service.runtime import Current
from service.store import articles, sources
from service.tasks import Pollers
from tests.fakes import ManualClock, Reply, Request
from tests.internet import Internet
from tests.manners.habits import HABITS, HOUR, START
from tests.manners.simulated import asking, poll_until

DAY = timedelta(days=1)
PACE = Pace(floor=HOUR, ceiling=DAY)
_FEED = b"<rss version='2.0'><channel><title>Quiet</title></channel></rss>"


def many(config: Config, number: int, hosts: int) -> Config:
    found = tuple(
        SourceSettings(slug=f"s{n}", name=f"S {n}", url=f"http://h{n % hosts}.example/{n}")
        for n in range(number)
    )
    return config.model_copy(update={"sources": found})


class Crowd:
    """Servers that count who asks at the same time."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.at_once = self.most = self.most_of_host = 0
        self._of_host: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, host: str, _request: Request) -> Reply:
        with self._lock:
            self.at_once += 1
            self._of_host[host] += 1
            self.asked[host] += 1
            self.most = max(self.most, self.at_once)
            self.most_of_host = max(self.most_of_host, self._of_host[host])
        time.sleep(0.001)
        with self._lock:
            self.at_once -= 1
            self._of_host[host] -= 1
        return Reply(404)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("number", "hosts"), [(200, 200), pytest.param(5000, 2500, marks=pytest.mark.soak)]
)
def test_a_restart_with_everything_overdue_makes_no_herd(
    config: Config, clock: ManualClock, parser: Parser, number: int, hosts: int
) -> None:
    """P10: at 20 hosts a look, which is a second, 5,000 sources are through in five minutes.

    However many wait for a thread when threads become free: no more than 25 begin within a second.
    """
    config, crowd = many(config, number, hosts), Crowd()
    begun_at: list[float] = []

    def answer(host: str, request: Request) -> Reply:
        begun_at.append(clock.monotonic())
        return crowd.answer(host, request)

    running.prepare(config, clock=clock)
    clock.advance(DAY.total_seconds())
    with running.opened(config, clock=clock, parser=parser) as held:
        runtime = replace(held, fetcher=Fetcher(config, clock=clock, guard=Internet(answer)))
        pollers, looks, before = Pollers(16), 0, 0
        while crowd.asked.total() < number:
            assert looks < 300
            pollers.look(Current(runtime))
            looks += 1
            until = time.monotonic() + 30
            while pollers.under_way and time.monotonic() < until:
                time.sleep(0.002)
            begun = len(crowd.asked)
            assert begun - before <= 25
            before = begun
        pollers.close()
    assert crowd.most <= 16
    assert crowd.most_of_host == 1
    assert crowd.asked.total() == number
    if number == hosts:  # the clock may have moved on while each of 16 threads was about to begin
        assert all(b - a >= 1 for a, b in zip(begun_at, begun_at[25 + 16 + 1 :], strict=False))


def test_an_outage_of_six_hours_is_forgotten_an_hour_later() -> None:
    """P11: nobody asks more often meanwhile than before."""
    down, up, late = START + 6 * HOUR, START + 12 * HOUR, []
    for number in range(1000):
        headers = {"Retry-After": "2400"} if number % 3 == 0 else {}
        at, since, asked = START + HOUR * number / 1000, None, 0
        while at < up:
            is_down = at >= down
            asked += is_down
            since = (since or at) if is_down else None
            at = next_poll(
                at,
                slug=f"s{number}",
                pace=PACE,
                failing=at - since if since else None,
                status=503 if is_down else 200,
                headers=headers if is_down else {},
            ).at
        assert asked <= 6
        late.append(at - up)
    assert sum(it <= HOUR for it in late) >= 0.95 * len(late)
    assert max(late) <= 1.1 * HOUR


class Outage:
    """Servers that are all down from one moment to another; every third of them says for how long."""

    def __init__(self, clock: ManualClock, down: datetime, up: datetime) -> None:
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.early: list[str] = []
        self._clock, self._down, self._up = clock, down, up
        self._not_before: dict[str, datetime] = {}

    def answer(self, host: str, request: Request) -> Reply:
        now = self._clock.now()
        self.asked[host].append(now)
        if now < self._not_before.get(host, now):
            self.early.append(host)
        if not self._down <= now < self._up:
            return Reply(304 if "If-None-Match" in request.headers else 200, {"ETag": '"1"'}, _FEED)
        if int(host[1 : host.index(".")]) % 3:
            return Reply(503)
        self._not_before[host] = now + timedelta(seconds=2400)
        return Reply(503, {"Retry-After": "2400"})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [12, pytest.param(500, marks=pytest.mark.soak)])
def test_an_outage_of_all_is_sat_out_and_forgotten_soon(
    config: Config, clock: ManualClock, parser: Parser, number: int
) -> None:
    """P11, through the door: nobody is asked more often meanwhile or too early, and all soon after it."""
    config = many(config, number, number)
    clock.set(START)
    down, up = START + 3 * HOUR, START + 9 * HOUR
    servers = Outage(clock, down, up)
    with asking(config, servers.answer, clock, parser) as runtime:
        poll_until(runtime, clock, up + 1.2 * HOUR)
    assert servers.early == []
    meanwhile = [sum(down <= at < up for at in it) for it in servers.asked.values()]
    assert max(meanwhile) <= 6
    late = sorted(min(at for at in it if at >= up) - up for it in servers.asked.values())
    assert len(late) == number
    assert late[int(0.95 * number)] <= HOUR
    assert late[-1] <= 1.2 * HOUR


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_story_that_everybody_sends_costs_the_last_no_more_than_the_first(
    config: Config, clock: ManualClock, parser: Parser
) -> None:
    """Of a story from an agency hundreds have a copy: each is credited, and none is asked for by itself."""
    number, asked, costs = 24, list[str](), list[int]()
    config = many(config, number, number)
    story = Reply(200, {}, HABITS[0].document("http://agency.example/wire", 2, 1))
    with asking(config, lambda _host, _request: story, clock, parser) as runtime:

        @event.listens_for(runtime.store.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_others) -> None:
            asked.append(statement)

        for n in range(number):
            asked.clear()
            ingest.poll_host(runtime, f"h{n}.example", owner="test")
            costs.append(len(asked))
        with runtime.store.reading() as tx:
            shown = articles.select(tx, Selection(), limit=10)
    assert costs[-1] <= costs[2] + 2
    assert [len(it.origins) for it in shown] == [number] * 2


@pytest.mark.parametrize("jump", [-HOUR, 30 * DAY, 3653 * DAY], ids=["-1h", "+30d", "+10y"])
def test_a_clock_that_jumps_and_comes_back_silences_nobody(
    config: Config, clock: ManualClock, parser: Parser, jump: timedelta
) -> None:
    """P12: after the jump, and after it was put right, everybody is asked within a day."""
    config, crowd = many(config, 6, 3), Crowd()
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        runtime = replace(held, fetcher=Fetcher(config, clock=clock, guard=Internet(crowd.answer)))
        pollers = Pollers(2)

        def asked_after(wait: timedelta) -> int:
            clock.advance(wait.total_seconds())
            before = crowd.asked.total()
            for _ in range(2):
                pollers.look(Current(runtime))
                while pollers.under_way:
                    time.sleep(0.002)
            return crowd.asked.total() - before

        assert asked_after(timedelta()) == 6
        clock.set(clock.now() + jump)
        assert asked_after(timedelta()) == (6 if jump > timedelta() else 0)
        clock.set(clock.now() - jump)
        asked_after(timedelta())
        assert asked_after(1.1 * DAY) == 6
        with runtime.store.reading() as tx:
            waits = [it.next_at - clock.now() for it in sources.listed(tx)]
        assert max(waits) <= 1.1 * DAY
        pollers.close()
