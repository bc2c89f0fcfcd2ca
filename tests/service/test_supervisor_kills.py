"""kill -9 of each process of `feedwright serve` in turn: nobody is left over, and the site answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from service.config import Config
from service.store import Store
from service.store.schema import hosts
from tests.fakes import Reply, Upstream
from tests.household import household, kill, orphans, roles
from tests.serving import Site, free_port, served, until

pytestmark = pytest.mark.long(80)

_FEED = (
    b"<rss version='2.0'><channel><title>P</title><item><title>%d</title></item></channel></rss>"
)
_OTHERS = {"metrics", "reader", "renderer", "scheduler"}
_SECONDS = 5.0  # within which all is well again


@pytest.fixture
def partner() -> Iterator[Upstream]:
    with Upstream() as it:
        it.script("/feed.rss", lambda _: Reply(body=_FEED % len(it.journal)))  # always news
        yield it


@pytest.fixture
def settings(configure: Callable[..., Config], partner: Upstream) -> tuple[Path, int]:
    port = free_port()
    config = configure(
        ('url = "http://127.0.0.1:9/feed.atom"', f'url = "{partner.url("/feed.rss")}"'),
        (
            'name = "The Lantern"',
            'name = "The Lantern"\ninterval = "1s"\ninterval_agreed = true',
        ),
        (
            "[fetch]",
            f"[server]\nport = {port}\nmetrics_port = {free_port()}\nworkers = 2\n\n"
            f"[fetch]\nallow_ports = [{partner.port}]\n"
            'allow_networks = ["127.0.0.0/8"]',
        ),
    )
    assert config.file is not None
    return config.file, port


def whole(site: Site) -> dict[str, int]:
    """The roles, once all are filled: two workers, one process at least that reads feeds."""
    found = roles(site)
    kinds = [re.sub(r" \d+", "", it) for it in found]
    is_whole = kinds.count("worker") == 2 and set(kinds) >= _OTHERS
    return found if is_whole else {}


def idle(site: Site, store: Store) -> dict[str, int]:
    """The roles, when all are filled and no poll is under way: its lease would outlive the scheduler."""
    with store.reading() as tx:
        held = tx.execute(select(hosts.c.name).where(hosts.c.owner.is_not(None))).all()
    return {} if held else whole(site)


def settled(site: Site, victim: int) -> bool:
    return victim not in roles(site).values() and not orphans(site)


def test_whoever_is_killed_the_site_stays_and_nobody_is_left_over(settings, partner, store):
    path, port = settings
    with served(path, port) as site:
        for kind in ("worker", *sorted(_OTHERS), "tracker", "worker"):
            ready = partial(idle, site, store) if kind == "scheduler" else partial(whole, site)
            named = until(ready, seconds=60)
            victim = next(pid for role, pid in sorted(named.items()) if role.startswith(kind))
            kill(victim)
            until(partial(settled, site, victim), seconds=_SECONDS)
            assert site.get("/feeds/all.atom").ok, kind
        polled = len(partner.journal)
        until(lambda: len(partner.journal) > polled)  # the scheduler works, too
        until(lambda: whole(site), seconds=60)
        kill(site.process.pid)
        until(lambda: not household(site), seconds=_SECONDS)
        site.process.wait()
        with served(path, port) as next_one:
            assert next_one.get("/feeds/all.atom").ok
            assert next_one.stop() == 0
