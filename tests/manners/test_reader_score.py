"""ORA-04: thirty days of two hundred partners, judged by their servers, with restarts every few hours."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from service import runtime as running
from service.config import Config, SourceSettings
from service.model import PollResult
from service.parsing import Parser
from service.runtime import Runtime
from service.store.schema import articles, polls
from tests.fakes import ManualClock
from tests.manners.habits import DAY, HABITS, HOUR, START
from tests.manners.score import ScoreServer, Site
from tests.manners.simulated import asking, poll_until

HOSTS = 90
SHARED = "shared.example"
RESTART = 7 * HOUR
_DAWDLED = timedelta(
    minutes=1
)  # between what is due and its poll, as its host has others to be asked


def partners(now: Callable[[], datetime], many: int) -> ScoreServer:
    server = ScoreServer(now, frozenset({SHARED}))
    for number in range(many):
        habit = HABITS[number % len(HABITS)]
        slug = f"{habit.name.replace(', ', '-').replace(' ', '-')}-{number}"
        host = SHARED if number % 20 == 0 else f"host{number % HOSTS}.example"
        server.sites[slug] = Site(slug, host, habit)
    return server


def settings(config: Config, server: ScoreServer) -> Config:
    found = tuple(
        SourceSettings(
            slug=it.slug,
            name=it.slug,
            url=f"{it.url}/feed",
            interval=it.habit.interval,
            interval_agreed=it.habit.agreed,
        )
        for it in server.sites.values()
    )
    fetch = config.fetch.model_copy(update={"shared_hosts": (SHARED,), "gap": timedelta(seconds=1)})
    return config.model_copy(update={"sources": found, "fetch": fetch})


@pytest.mark.long(15)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("many", "days"),
    [(len(HABITS), 14), pytest.param(200, 30, marks=pytest.mark.soak)],
    ids=["each habit", "thirty days of 200"],
)
def test_full_marks(config: Config, parser: Parser, many: int, days: int) -> None:
    clock = ManualClock(START)
    server = partners(clock.now, many)
    config, restarts, end = settings(config, server), 0, START + days * DAY
    while clock.now() < end:
        with asking(config, server.answer, clock, parser) as runtime:
            poll_until(runtime, clock, min(clock.now() + RESTART, end))
        restarts += 1
    told = Counter(
        violation.partition(": ")[2].partition(" ")[0] for violation in server.violations
    )
    sys.stdout.write(f"{restarts=} {dict(server.statuses)} {dict(told)}\n")
    assert server.violations[:20] == []
    assert server.statuses.total() > many * days
    assert {200, 226, 301, 302, 304, 308, 401, 403, 410, 429, 500, 503} == server.statuses.keys()
    check_failing(server, end)
    with running.opened(config, clock=clock, parser=parser) as runtime:
        check_records(runtime, server)
        check_articles(runtime, server, end)


def check_failing(server: ScoreServer, end: datetime) -> None:
    """Who fails is asked ever more rarely and never given up."""
    for site in server.sites.values():
        if site.habit.fails:
            gaps = [later - earlier for earlier, later in pairwise(site.polls[-12:])]
            shrunk = [a - b for a, b in pairwise(gaps)]
            assert max(shrunk) < _DAWDLED, site.slug
            assert gaps[-1] > 6 * HOUR, site.slug
            assert end - site.polls[-1] < 1.2 * DAY, site.slug


def check_records(runtime: Runtime, server: ScoreServer) -> None:
    """POL-19: every attempt is written down, with what was sent, and why the next is when it is."""
    with runtime.store.reading() as tx:
        rows = tx.execute(select(polls)).all()
    hops = server.statuses[301] + server.statuses[302] + server.statuses[308]
    assert len(rows) == server.statuses.total() - hops
    assert all(row.next_reason and row.result != PollResult.CLAIMED for row in rows)
    assert all(row.next_at > row.at for row in rows)
    answered = Counter(row.http_status for row in rows)
    assert answered == {it: n for it, n in server.statuses.items() if it not in (301, 302, 308)}
    assert {row.etag_sent is not None or row.last_modified_sent is not None
            for row in rows if row.http_status in (226, 304)} == {True}  # fmt: skip


def check_articles(runtime: Runtime, server: ScoreServer, end: datetime) -> None:
    """What was published has come, once each; archives from before the first poll, too."""
    with runtime.store.reading() as tx:
        query = select(articles.c.source, func.count()).group_by(articles.c.source)
        found = dict(map(tuple, tx.execute(query)))
    for site in server.sites.values():
        if not site.habit.is_lost:
            shown = max(site.versions.values())
            assert shown >= site.habit.version(end - DAY) - 1, site.slug
            archived = 20 if site.habit.archives else 0
            assert found[site.slug] == shown + archived, site.slug
