"""One hot feed of 20 entries of 3 kB over HTTP: against a bare WSGI callable under Granian, and nginx."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import servers, site
from benchmarks.measuring import Comparison, Figures, Unit, of_loads
from benchmarks.newsroom import Newsroom
from benchmarks.processes import memory, web_workers
from benchmarks.servers import NotAlike
from benchmarks.wrk import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.measuring import Options
    from benchmarks.servers import Answer, Served
    from benchmarks.wrk import Load

    Asked = Mapping[str, str]  # the headers of a request

_PATH = "/feeds/all.atom"
_GZIP = {"Accept-Encoding": "gzip"}
_OF_BARE = 0.8  # the ratios wanted
_OF_NGINX = 0.4
_MEGABYTES = 300  # that a web worker may hold
_PATIENCE = 10.0  # seconds


def comparisons(options: Options) -> Iterator[Comparison]:
    """200 with gzip, 304, and what the web workers hold afterwards."""
    with tempfile.TemporaryDirectory() as name:
        config = site.made(Path(name), options, Newsroom(size=200, authors=50))
        with servers.feedwright(config) as ours:
            etag = _settled(ours).header("ETag")
            yield from _against_both(options, Path(name), ours, "one hot feed, 200 gzip", _GZIP)
            held = _GZIP | {"If-None-Match": etag}
            yield from _against_both(options, Path(name), ours, "one hot feed, 304", held)
            yield from workers_memory(ours, "one hot feed")


def _settled(ours: Served) -> Answer:
    """The feed once it tells when it was changed, which it does when that second is over."""
    deadline = time.monotonic() + _PATIENCE
    while not (answer := ours.ask(_PATH, _GZIP)).header("Last-Modified"):
        if time.monotonic() > deadline:
            raise NotAlike("feedwright tells no Last-Modified, which the others would")
        time.sleep(0.1)
    return answer


def workers_memory(ours: Served, when: str) -> Iterator[Comparison]:
    """What the largest web worker holds now, RSS and PSS."""
    found = [memory(pid) for pid in web_workers(ours.pid, ours.port)]
    rss, pss = max(it.rss for it in found), max(it.pss for it in found)
    for name, figure in (("RSS", rss), ("PSS", pss)):
        figures = Figures("feedwright", (figure,))
        yield Comparison(
            f"{when}: {name} of a web worker", Unit.MEGABYTES, figures, most=_MEGABYTES
        )


def _against_both(
    options: Options, folder: Path, ours: Served, what: str, asked: Asked
) -> Iterator[Comparison]:
    full, answer = ours.ask(_PATH, _GZIP), ours.ask(_PATH, asked)
    with (
        servers.bare(folder, options, answer) as bare,
        servers.nginx(folder, options, _PATH, full) as nginx,
    ):
        sides = {ours: asked, bare: asked, nginx: _own_tag(nginx, asked)}
        _check(sides, bare)
        loads: dict[Served, list[Load]] = {side: [] for side in sides}
        for _ in range(options.rounds):
            for side, headers in sides.items():
                loads[side].append(load(side.url(_PATH), headers, seconds=options.seconds))
        _check(sides, bare)
    for side, least in ((bare, _OF_BARE), (nginx, _OF_NGINX)):
        mine, others = (of_loads(it.name, loads[it]) for it in (ours, side))
        yield Comparison(what, Unit.PER_SECOND, mine, others, least=least)


def _own_tag(nginx: Served, asked: Asked) -> Asked:
    """The same request with the tag that nginx gives the file."""
    own = {"If-None-Match": nginx.ask(_PATH, _GZIP).header("ETag")}
    return {**asked, **own} if "If-None-Match" in asked else asked


def _check(sides: Mapping[Served, Asked], bare: Served) -> None:
    """Make sure that all give the answer that is meant."""
    first, *others = (side.ask(_PATH, headers) for side, headers in sides.items())
    asked = next(iter(sides.values()))
    wanted = (304, "") if "If-None-Match" in asked else (200, "gzip")
    if (first.status, first.header("Content-Encoding")) != wanted:
        raise NotAlike(f"feedwright answers {first.status}, which is not what is to be measured")
    for side, answer in zip(list(sides)[1:], others, strict=True):
        servers.require_alike(first, answer, side.name, own_tags=side is not bare)
