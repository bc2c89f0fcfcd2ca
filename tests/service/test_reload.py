"""config.toml changes while the service runs: good ones come into force, bad ones change nothing."""

from __future__ import annotations

import itertools
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
import requests

from feeds.reading import read
from service import runtime as running
from service.config import Config
from service.model import PollResult
from service.store import Store, articles, polls, sources
from tests import newsroom
from tests.fakes import Reply, Upstream
from tests.household import kill, proportional_kilobytes, roles
from tests.load import under_load
from tests.serving import Site, free_port, served, served_at_once, until

pytestmark = pytest.mark.long(40)

_PATHS = ("/feeds/all.atom", "/", "/feeds/theme/energy.rss", "/theme/energy")
_FEED = Reply(
    body=b"<rss version='2.0'><channel><title>P</title><item><title>A</title></item></channel></rss>"
)
_WARM = 10  # rounds until memory is held against
_GROWTH = 1.1

_BRISK = (
    'interval = "1s"\ninterval_agreed = true\n'  # the only source that is due again within the test
)


@pytest.fixture
def partner() -> Iterator[Upstream]:
    with Upstream() as it:
        for name in ("steady", "brisk", "extra"):
            it.script(f"/{name}.rss", _FEED)
        yield it


@dataclass(slots=True)
class Desk:
    """Where an operator edits config.toml, well or badly."""

    path: Path
    good: str  # the text that was there at the start
    extra: str  # the table of a source that comes and goes
    title: str = "The Harbour Gazette"  # of the last good one
    well: Iterator[int] = field(default_factory=itertools.count)
    badly: Iterator[int] = field(default_factory=itertools.count)

    def edit_well(self) -> None:
        number = next(self.well)
        self.title = f"The Harbour Gazette {number}"
        text = self.good.replace('"The Harbour Gazette"', f'"{self.title}"', 1)
        text = text.replace("with credit and a link.", f"with credit and {number} links.")
        extras = (self.extra, "", self.extra.replace("Extra", f"Extra {number}"),
                  self.extra + "paused = true\n")  # fmt: skip
        self.put(extras[number % len(extras)] + text)

    def edit_badly(self) -> None:
        number = next(self.badly)
        if number % 6 == 0:
            self._clear()
        elif number % 6 == 1:
            self._clear()
            self.path.mkdir()
        else:
            self.put(
                ("", self.good[: len(self.good) // 2] + "[", self.good + "\n[site.nonsense]\n",
                 "[[[\n")[number % 6 - 2]
            )  # fmt: skip

    def put(self, text: str) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        if self.path.is_dir():
            self._clear()
        draft.replace(self.path)

    def _clear(self) -> None:
        if self.path.is_dir():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)


def table(slug: str, url: str) -> str:
    return f'[[sources]]\nslug = "{slug}"\nurl = "{url}"\nname = "{slug.title()}"\n'


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def desk(configure: Callable[..., Config], store: Store, partner: Upstream, port: int) -> Desk:
    config = configure(
        (
            "[content]",
            f"{table('steady', partner.url('/steady.rss'))}\n"
            f"{table('brisk', partner.url('/brisk.rss'))}{_BRISK}\n[content]",
        ),
        (
            "[fetch]",
            f"[server]\nport = {port}\n\n[fetch]\nallow_ports = [{partner.port}]\n"
            'allow_networks = ["127.0.0.0/8"]',
        ),
    )
    running.prepare(config)
    with store.writing() as tx:
        articles.save(tx, newsroom.articles(), now=newsroom.NOW)
    assert config.file is not None
    text = config.file.read_text(encoding="utf-8")
    return Desk(config.file, text, table("extra", partner.url("/extra.rss")))


def title(site: Site) -> str | None:
    answer = site.get("/feeds/all.atom")
    assert answer.status_code == 200
    return read(answer.content, url=answer.url, content_type=None).title


def next_poll(store: Store, slug: str) -> datetime:
    with store.reading() as tx:
        return sources.at(tx, slug).next_at


def has_been_polled(store: Store, slug: str) -> bool:
    with store.reading() as tx:
        latest = polls.listed(tx, sources.at(tx, slug).id, limit=1)
    return bool(latest) and latest[0].result is not PollResult.CLAIMED


def requests_for(partner: Upstream, name: str) -> list[float]:
    return [it.monotonic for it in partner.journal if it.path == f"/{name}.rss"]


@pytest.mark.parametrize(
    ("database", "rounds"),
    [
        ("sqlite", 50),
        ("postgresql", 50),
        pytest.param("sqlite", 1000, marks=pytest.mark.soak),
        pytest.param("postgresql", 1000, marks=pytest.mark.soak),
    ],
    indirect=["database"],
)
@pytest.mark.timeout(3600)
def test_reloading_under_load_fails_no_request_and_moves_no_poll(
    desk, port, store, partner, rounds
):
    with served(desk.path, port) as site:
        until(lambda: has_been_polled(store, "steady"))
        planned, memory = next_poll(store, "steady"), 0
        with under_load(port, _PATHS, keeping=1, fresh=1) as load:
            for number in range(rounds):
                one_round(site, desk, number)
                if number == _WARM:
                    memory = proportional_kilobytes(site)
        assert proportional_kilobytes(site) < memory * _GROWTH
        assert [it for it in load.answers if not it.is_good] == []
        assert next_poll(store, "steady") == planned
        desk.put(desk.extra + desk.good)
        until(lambda: requests_for(partner, "extra"))
        polls = len(requests_for(partner, "brisk"))
        until(lambda: len(requests_for(partner, "brisk")) > polls)
        assert site.stop() == 0
    assert len(requests_for(partner, "steady")) == 1
    assert len(requests_for(partner, "extra")) == 1
    times = requests_for(partner, "brisk")
    assert all(later - earlier > 0.95 for earlier, later in itertools.pairwise(times))


def one_round(site: Site, desk: Desk, number: int) -> None:
    """A change, told by SIGHUP, every tenth time left to be found; and what is to be seen of it."""
    refused = site.said().count("settings refused")
    is_good = number % 2 == 0
    if is_good:
        desk.edit_well()
    else:
        desk.edit_badly()
    if number % 10 < 8:
        site.process.send_signal(signal.SIGHUP)
    if is_good:
        until(lambda: title(site) == desk.title)
    else:
        until(lambda: site.said().count("settings refused") > refused)
        assert title(site) == desk.title


def test_the_log_tells_what_is_refused_and_what_has_to_wait(desk, port):
    with served_at_once(desk.path, port) as site:
        desk.path.write_text(desk.good.replace("public_url", "public_ulr"), encoding="utf-8")
        site.process.send_signal(signal.SIGHUP)
        until(lambda: "settings refused" in site.said())
        assert "public_ulr" in site.said()
        assert "public_url" in site.said()
        assert title(site) == desk.title
        desk.put(desk.good.replace("[server]\n", "[server]\nthreads = 5\n"))
        site.process.send_signal(signal.SIGHUP)
        waiting = until(lambda: [it for it in site.said().splitlines() if "next start" in it])
        assert "setting=server" in waiting[0]


def _title_or_none(site: Site) -> str | None:
    """None from a worker that took the connection as it was killed itself."""
    try:
        return title(site)
    except requests.ConnectionError:
        return None


def test_a_part_that_is_started_again_goes_by_the_settings_in_force(desk, port):
    """Also when the file is of no use by then."""
    with served_at_once(desk.path, port) as site:
        desk.edit_well()
        site.process.send_signal(signal.SIGHUP)
        until(lambda: title(site) == desk.title)
        desk.path.write_text("[[[", encoding="utf-8")
        kill(roles(site)["worker 1"])
        assert until(lambda: _title_or_none(site)) == desk.title
