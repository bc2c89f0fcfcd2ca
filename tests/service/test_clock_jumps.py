"""P12: the clock of the machine jumps under a real service, which goes on as before.

libfaketime steps the time of day for all its processes; what is waited for goes by the steady clock, which
it leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from service.config import Config
from tests.fakes import Reply, Upstream, conditional
from tests.household import roles
from tests.service.lantern import document, entry
from tests.serving import Site, free_port, served, until

pytestmark = [
    pytest.mark.needs("faketime"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),  # PostgreSQL has its own clock
]

# libfaketime 0.9.10 cannot sleep until a moment of the steady clock, as Python's sleep does.
_SLEEPS = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
_MOST_GROWTH = 50_000  # kB
_ANOTHER = """
[[sources]]
slug = "another"
name = "Another"
url = "{url}"
"""


class Machine:
    """The clock of the machine that the service runs on, as it sees it."""

    def __init__(self, folder: Path) -> None:
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        self._file = folder / "offset"
        self.step(timedelta())
        (folder / "sitecustomize.py").write_text(_SLEEPS)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(folder),
        }

    def step(self, ahead: timedelta) -> None:
        """Let it be that much ahead of the true time from now on."""
        next_ = self._file.with_suffix(".next")
        next_.write_text(f"{ahead.total_seconds():+.0f}\n")
        next_.rename(self._file)
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def partner() -> Iterator[Upstream]:
    with Upstream() as it:
        yield it


@pytest.fixture
def config(configure: Callable[..., Config], partner: Upstream) -> Config:
    fetch = f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{partner.port}]'
    url = partner.script("/feed.atom", conditional(Reply(body=document(entry(1)))))
    return configure(
        ("http://127.0.0.1:9/feed.atom", url),
        ("[fetch]", f"[server]\nport = {free_port()}\n\n{fetch}"),
    )


def test_a_clock_that_jumps_holds_up_nothing(
    config: Config, partner: Upstream, tmp_path: Path
) -> None:
    assert config.file is not None
    machine = Machine(tmp_path)
    with served(config.file, config.server.port, **machine.environment) as site:
        polled(site, "lantern", times=1)
        scheduler = roles(site)["scheduler"]
        before = kilobytes(scheduler)
        for times, ahead in enumerate([timedelta(days=30), timedelta(days=3652)], start=2):
            machine.step(ahead)
            polled(site, "lantern", times=times)
        machine.step(timedelta(hours=-1))
        url = partner.script("/another.atom", Reply(body=document(entry(2))))
        with config.file.open("a", encoding="utf-8") as file:
            file.write(_ANOTHER.format(url=url))
        polled(site, "another", times=1)
        feed = etree.fromstring(site.get("/feeds/all.atom").content)
        assert roles(site)["scheduler"] == scheduler
        assert kilobytes(scheduler) - before < _MOST_GROWTH
        assert site.get("/readyz").ok
    assert len(feed.findall("{*}entry")) == 2
    updated = [datetime.fromisoformat(it.text) for it in feed.iter("{*}updated")]
    assert max(updated) <= machine.now()


def polled(site: Site, source: str, *, times: int) -> None:
    """Wait until so many polls of a source have ended."""
    until(lambda: len(re.findall(f"poll ended.* source={source} ", site.said())) == times)


def kilobytes(pid: int) -> int:
    """What a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])
