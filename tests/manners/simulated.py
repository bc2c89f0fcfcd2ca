"""The service under a clock that is set by hand, and a network that is a function: days pass in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import text

from service import ingest
from service import runtime as running
from service.config import Config
from service.fetch import Fetcher
from service.parsing import Parser
from service.runtime import Runtime
from service.store import sources
from tests.fakes import ManualClock, Reply, Request
from tests.internet import Internet
from tests.manners.habits import START

_DUE = """
SELECT min(CASE WHEN coalesce(h.not_before, 0) > s.next_at THEN h.not_before ELSE s.next_at END)
FROM sources s JOIN hosts h ON h.name = s.host WHERE s.state = 'active'
"""


@contextmanager
def asking(
    config: Config,
    answer: Callable[[str, Request], Reply | None],
    clock: ManualClock,
    parser: Parser,
) -> Iterator[Runtime]:
    """The service, with all that it does at its start; whom it asks is that function."""
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        yield replace(held, fetcher=Fetcher(config, clock=clock, guard=Internet(answer)))


def poll_until(runtime: Runtime, clock: ManualClock, end: datetime) -> None:
    """Poll what is due as soon as it is, and let the time pass in between."""
    while clock.now() < end:
        with runtime.store.reading() as tx:
            due = sources.due_hosts(tx, clock.now(), limit=1000)
            following = tx.execute(text(_DUE)).scalar_one()
        for host in due:
            ingest.poll_host(runtime, host, owner="test")
        if not due:
            at = datetime.fromtimestamp(following / 1e6, START.tzinfo) + timedelta(milliseconds=1)
            clock.advance(max(min(at, end) - clock.now(), timedelta(seconds=1)).total_seconds())
