"""P9: two hundred hostile sources among five hundred cost the others nothing, and us little."""

from __future__ import annotations

import random
import resource
import socket
import statistics
import sys
import time
import zlib
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service import runtime as running
from service.config import Config, SourceSettings
from service.fetch import Fetcher
from service.guard import Guard
from service.parsing import Parser
from service.runtime import Current, Runtime
from service.store.schema import polls, sources
from service.tasks import Pollers
from tests.bombs import chain
from tests.fakes import Reply, Upstream, conditional
from tests.manners.habits import HABITS

MINUTE = timedelta(minutes=1)
GOOD, BAD = 300, 50  # of each kind
LASTS = 300.0  # seconds
_BLANK = bytes(1_000_000)


def zipped_bomb() -> bytes:
    """200 MB in 200 kB."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(_BLANK) for _ in range(200)) + packer.flush()


def partners(upstream: Upstream, silent: int) -> tuple[SourceSettings, ...]:
    """Everybody on a host of their own; all agreed to be asked each minute."""
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
    for n in range(len(names)):
        document = HABITS[0].document(f"http://host-{n}.example/{n}", 5, 1)
        upstream.script(f"/good/{n}", conditional(Reply(body=document)))
    return tuple(
        SourceSettings(
            slug=f"{name}-{n}",
            name=f"{name} {n}",
            url=ways[name].format(f"host-{n}.example", n),
            interval=MINUTE,
            interval_most=MINUTE,
            interval_agreed=True,
        )
        for n, name in enumerate(names)
    )


def poll_for(held: Runtime, seconds: float) -> int:
    """Poll as the service does; gives the most bytes of memory that this process had meanwhile."""
    pollers, resident = Pollers(held.config.fetch.hosts_at_once), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pollers.look(Current(held))
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        resident = max(resident, pages * resource.getpagesize())
        time.sleep(1)
    pollers.close()
    return resident


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bad_company(config: Config, parser: Parser) -> None:
    with (
        Upstream() as upstream,
        socket.create_server(("127.0.0.1", 0), backlog=999) as silent,
    ):
        port = silent.getsockname()[1]
        ways = {"allow_networks": ("127.0.0.0/8",), "allow_ports": (9, upstream.port, port)}
        found = {
            "sources": partners(upstream, port),
            "fetch": config.fetch.model_copy(update=ways),
        }
        config = config.model_copy(update=found)
        running.prepare(config)
        with running.opened(config, parser=parser) as held:
            guard = Guard(
                networks=config.fetch.networks,
                ports=config.fetch.allow_ports,
                resolve=lambda _host, _port: ["127.0.0.1"],
            )
            resident = poll_for(replace(held, fetcher=Fetcher(config, guard=guard)), LASTS)
            with held.store.reading() as tx:
                query = select(polls, sources.c.slug).join(sources).order_by(polls.c.id)
                rows = tx.execute(query).all()
    asked: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        asked[row.slug].append(row)
    good = [some for slug, some in asked.items() if slug.startswith("good")]
    late = [(b.at - a.next_at).total_seconds() for some in good for a, b in pairwise(some)]
    last = statistics.quantiles(late, n=100)[98]
    longest = max(row.milliseconds for row in rows)
    sys.stdout.write(
        f"{len(rows)} polls, {sum(map(len, good))} of the good; lag p50 {statistics.median(late):.1f} s,"
        f" p99 {last:.1f} s; longest fetch {longest} ms; {resident // 1_000_000} MB\n"
    )
    assert len(good) == GOOD
    assert all(row.result != "failed" for some in good for row in some)
    assert last <= 2 * MINUTE.total_seconds()
    assert longest <= 21_000
    assert resident <= 300_000_000
