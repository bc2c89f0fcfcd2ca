"""What is due by time gets done, and a clock that jumps neither stalls nor floods it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from service import runtime as running
from service import scheduler, tasks
from service.clock import SystemClock
from service.model import Selection
from service.runtime import Current
from service.scheduler import Every
from service.store import articles, changelog
from tests.fakes import Reply, Upstream
from tests.newsroom import NOW
from tests.nursery import NURSERY
from tests.pollers import schedule_slowly
from tests.serving import until


def published(runtime) -> int:
    with runtime.store.reading() as tx:
        return articles.count(tx, Selection())


def test_articles_are_released_when_their_time_has_come(runtime, clock):
    before = published(runtime)
    tasks.settle_due(Current(runtime))
    assert published(runtime) == before
    clock.advance(3600)
    tasks.settle_due(Current(runtime))
    assert published(runtime) == before + 1


def test_an_idle_look_writes_nothing(runtime):
    with runtime.store.reading() as tx:
        before = changelog.last(tx)
    tasks.settle_due(Current(runtime))
    with runtime.store.reading() as tx:
        assert changelog.last(tx) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_scheduler_that_is_told_to_end_as_it_starts_does_not_go_on_for_long(bare):
    ours, its = NURSERY.Pipe()
    process = NURSERY.Process(target=schedule_slowly, args=(bare.config, its))
    process.start()
    assert ours.recv()
    process.terminate()
    process.join(30)
    assert process.exitcode == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=30), timedelta(days=3650)])
def test_the_trigger_counts_from_now_whatever_the_clock_did(jump):
    """P12: no catching up, no waiting for a time that has passed."""
    trigger = Every(2.0)
    first = trigger.get_next_fire_time(None, NOW)
    assert first == NOW + timedelta(seconds=2)
    assert trigger.get_next_fire_time(first, first + jump) - (first + jump) == timedelta(seconds=2)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=3650)], ids=["-1h", "+10y"])
def test_a_clock_that_jumps_holds_up_no_work(bare, monkeypatch, jump):
    """P12: the work goes on, whatever time APScheduler was waiting for."""
    ahead = timedelta()

    class Told(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + ahead

    class Jumpy(SystemClock):
        def now(self):
            return Told.now(UTC)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Told)
    runs: list[str] = []
    work = (tasks.Task("works", 0.05, lambda _: runs.append("worked")),)
    running = scheduler.started(Current(replace(bare, clock=Jumpy())), work)
    try:
        until(lambda: runs)
        ahead = jump
        runs.clear()
        until(lambda: len(runs) > 2)
    finally:
        running.shutdown(wait=True)


def test_a_running_scheduler_does_the_work_and_survives_its_failures(runtime):
    runs: list[str] = []

    def fails(_runtime):
        runs.append("failed")
        raise ZeroDivisionError("on purpose")

    work = (
        tasks.Task("fails", 0.05, fails),
        tasks.Task("works", 0.05, lambda _: runs.append("worked")),
    )
    running = scheduler.started(Current(runtime), work)
    try:
        until(lambda: runs.count("failed") > 2 and runs.count("worked") > 2)
    finally:
        running.shutdown(wait=True)


def test_a_slow_host_holds_up_no_other(configure, clock):
    """P9, in small."""
    answered = threading.Event()

    def slowly(_request):
        answered.wait(10)
        return Reply(404)

    with Upstream() as slow, Upstream() as quick:
        config = configure(
            ("http://127.0.0.1:9/feed.atom", slow.script("/feed.atom", slowly)),
            ("http://127.0.0.1:9/other.rss", quick.script("/other.rss", Reply(304))),
            ('gap = "0s"', f'gap = "0s"\nallow_networks = ["127.0.0.0/8"]\n'
             f"allow_ports = [{slow.port}, {quick.port}]"),
        )  # fmt: skip
        running.prepare(config, clock=clock)
        with running.opened(config, clock=clock) as runtime:
            pollers = tasks.Pollers(2)

            def asked_again() -> bool:
                pollers.look(Current(runtime))
                return len(quick.journal) == 2

            try:
                pollers.look(Current(runtime))
                until(lambda: len(quick.journal) == 1 and len(slow.journal) == 1)
                clock.advance(90 * 60)
                until(asked_again)
                assert len(slow.journal) == 1
            finally:
                answered.set()
                pollers.close()
