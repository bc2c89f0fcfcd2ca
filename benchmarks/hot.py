"""Thousands of hot feeds asked for by turns, at rest and while another process writes articles."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from benchmarks import servers, site
from benchmarks.measuring import Comparison, Failed, Unit, of_loads
from benchmarks.newsroom import Newsroom
from benchmarks.serving import workers_memory
from benchmarks.wrk import load
from service import config as configuration
from service import newsroom as editors
from service import runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection

    from benchmarks.measuring import Options
    from benchmarks.wrk import Load
    from service.config import Config

_GZIP = {"Accept-Encoding": "gzip"}
_OF_REST = 0.6  # the ratio wanted
_WARM = 0.05  # rounds that differ by less are of a warm cache
_TIMES = 12  # that each feed is asked for before a round: each worker keeps its own
_PATIENCE = 600  # seconds
_BEHIND = 0.8  # of the writes that are asked for have to be done


class TooFewWritten(Failed):
    """The writing process did not keep up."""


class NeverWarm(Failed):
    """The servers did not come to answer all feeds from memory."""


def comparisons(options: Options) -> Iterator[Comparison]:
    """Under writing against at rest, and what the web workers hold afterwards."""
    newsroom = Newsroom(size=options.articles)
    with tempfile.TemporaryDirectory() as name:
        config = site.made(Path(name), options, newsroom)
        paths = Path(name) / "paths.txt"
        asked_for = newsroom.paths(options.feeds)
        paths.write_text("\n".join(asked_for) + "\n")
        with servers.feedwright(config) as ours, _writer(config, newsroom, options) as writing:

            def one_round() -> Load:
                return load(ours.url("/"), _GZIP, seconds=options.seconds, paths=paths)

            _warm(one_round, at_least=_TIMES * len(asked_for))
            at_rest, written = [], []
            for _ in range(options.rounds):
                at_rest.append(one_round())
                with writing():
                    written.append(one_round())
                _warm(one_round, at_least=_TIMES * len(asked_for))
            what = f"{len(asked_for)} hot feeds, 200 gzip, {options.writes:g} articles/s written"
            yield Comparison(
                what,
                Unit.PER_SECOND,
                of_loads("feedwright", written),
                of_loads("feedwright at rest", at_rest),
                least=_OF_REST,
            )
            yield from workers_memory(ours, f"{len(asked_for)} hot feeds")


def _warm(one_round: Callable[[], Load], *, at_least: int) -> None:
    """Load until so many answers came and a round is no faster than the one before.

    Raises:
        NeverWarm: It does not come to that.
    """
    deadline = time.monotonic() + _PATIENCE
    answered, before = 0, 0.0
    while time.monotonic() < deadline:
        now = one_round()
        answered += now.requests
        if answered >= at_least and abs(now.per_second - before) <= _WARM * now.per_second:
            return
        before = now.per_second
    raise NeverWarm(
        f"{answered} answers in {_PATIENCE} seconds: the feeds do not fit into the cache, or their"
        " making takes too long; measure with fewer --feeds"
    )


@contextmanager
def _writer(
    config: Config, newsroom: Newsroom, options: Options
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A process that writes while it is told to."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_write, args=(config.file, newsroom, options.writes, its))
    process.start()

    @contextmanager
    def writing() -> Iterator[None]:
        ours.send(True)
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        ours.send(False)
        written: int = ours.recv()
        if written < options.writes * seconds * _BEHIND:
            raise TooFewWritten(f"{written} articles were written in {seconds:.1f} seconds")

    try:
        yield writing
    finally:
        ours.send(None)
        process.join()


def _write(file: Path, newsroom: Newsroom, a_second: float, orders: Connection) -> None:
    """The writing process: True begins, False ends and answers with the number written, None is the end."""
    with runtime.opened(configuration.load(file)) as held:
        number = newsroom.size
        while orders.recv():
            first, started = number, time.monotonic()
            while not orders.poll(max(0, started + (number - first) / a_second - time.monotonic())):
                now = held.clock.now()
                editors.write(held, replace(newsroom.article(number), published=now, updated=now))
                number += 1
            orders.recv()
            orders.send(number - first)
