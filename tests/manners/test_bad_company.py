"""P9: two hundred hostile sources among five hundred cost the others nothing, and us little."""

from __future__ import annotations

import random
import socket
import statistics
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.processes import Memory, descendants, memory
from service import config as configuration
from service.config import Config
from service.store import Store
from service.store.schema import polls, sources
from tests.bombs import chain
from tests.fakes import Reply, Upstream, conditional
from tests.manners.habits import HABITS
from tests.serving import Site, free_port, served

GOOD, BAD = 300, 50  # of each kind
LASTS = 300.0  # seconds
MINUTE = 60.0  # between polls, as all have agreed to
_BLANK = bytes(1_000_000)
_SOURCE = """
[[sources]]
slug = "{slug}"
name = "{slug}"
url = "{url}"
interval = "1m"
interval_most = "1m"
interval_agreed = true
"""


def zipped_bomb() -> bytes:
    """200 MB in 200 kB."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(_BLANK) for _ in range(200)) + packer.flush()


def partners(upstream: Upstream, silent: int) -> str:
    """Everybody on a host of their own, as tables of config.toml."""
    pieces = {"Content-Length": "999"}
    upstream.script("/drips", Reply(headers=pieces, body=b" " * 999, piece=1, pause=0.5))
    upstream.script("/bomb", Reply(headers={"Content-Encoding": "gzip"}, body=zipped_bomb()))
    upstream.script("/chain", Reply(body=chain()))
    ways = {
        "good": f"http://{{}}:{upstream.port}/good/{{}}",
        "drips": f"http://{{}}:{upstream.port}/drips",
        "absent": "http://{}:9/",
        "silent": f"https://{{}}:{silent}/",
        "bomb": f"http://{{}}:{upstream.port}/bomb",
        "chain": f"http://{{}}:{upstream.port}/chain",
    }
    kinds = ["drips", "absent", "silent"] * BAD + ["bomb", "chain"] * (BAD // 2)
    names = ["good"] * GOOD + kinds
    random.Random(9).shuffle(names)
    told = ""
    for n, name in enumerate(names):
        document = HABITS[0].document(f"http://host-{n}.example/{n}", 5, 1)
        upstream.script(f"/good/{n}", conditional(Reply(body=document)))
        url = ways[name].format(f"127.0.{1 + n // 250}.{1 + n % 250}", n)
        told += _SOURCE.format(slug=f"{name}-{n}", url=url)
    return told


def most_memory(site: Site, seconds: float) -> Memory:
    """The most megabytes that a process of the service held (RSS), and all together (PSS)."""
    rss, pss, until = 0.0, 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        found = [memory(it) for it in (site.process.pid, *descendants(site.process.pid))]
        rss = max(rss, *(it.rss for it in found))
        pss = max(pss, sum(it.pss for it in found))
        assert site.get("/feeds/all.atom").ok
        time.sleep(1)
    return Memory(rss, pss)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bad_company(configure: Callable[..., Config]) -> None:
    everywhere = "0.0.0.0"  # each source is at an address of its own
    with (
        Upstream(everywhere) as upstream,
        socket.create_server((everywhere, 0), backlog=999) as silent,
    ):
        port, unanswered = free_port(), silent.getsockname()[1]
        ways = f"allow_ports = [9, {upstream.port}, {unanswered}]"
        config = configure(
            ('gap = "0s"', f'gap = "1s"\nallow_networks = ["127.0.0.0/8"]\n{ways}'),
            ("[content]", f"[server]\nport = {port}\n\n[content]"),
        )
        assert config.file is not None
        with config.file.open("a", encoding="utf-8") as file:
            file.write(partners(upstream, unanswered))
        with served(config.file, port) as site:
            held = most_memory(site, LASTS)
    store = Store(configuration.database_url(config))
    with store.reading() as tx:
        query = select(polls, sources.c.slug).join(sources).order_by(polls.c.id)
        rows = tx.execute(query).all()
    store.close()
    asked: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        asked[row.slug].append(row)
    good = [some for slug, some in asked.items() if slug.startswith("good")]
    late = [(b.at - a.next_at).total_seconds() for some in good for a, b in pairwise(some)]
    last = statistics.quantiles(late, n=100)[98]
    longest = max(row.milliseconds for row in rows)
    sys.stdout.write(
        f"{len(rows)} polls, {sum(map(len, good))} of the good; lag p50 {statistics.median(late):.1f} s,"
        f" p99 {last:.1f} s; longest fetch {longest} ms;"
        f" {held.rss:.0f} MB in the largest process, {held.pss:.0f} MB in all\n"
    )
    assert len(good) == GOOD
    assert all(row.result != "failed" for some in good for row in some)
    assert last <= 2 * MINUTE
    assert longest <= 21_000
    assert held.rss <= 300
    assert held.pss <= 400
