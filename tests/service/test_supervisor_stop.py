"""SIGTERM under load: what was asked before it is answered to the end, and the service ends in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from service import runtime as running
from service.config import Config
from service.store import Store, articles
from tests import newsroom
from tests.load import Answer, Load, under_load
from tests.serving import free_port, served_at_once, until

pytestmark = pytest.mark.long(90)

PATHS = (
    "/feeds/all.atom",
    "/feeds/theme/energy.rss",
    "/",
    "/feeds/author/ada-marsh.json",
    "/articles/2026/11/tides-and-turbines",
    "/theme/energy",
)


def prepared(configure: Callable[..., Config], store: Store, workers: int) -> tuple[Path, int]:
    port = free_port()
    server = f"[server]\nport = {port}\nworkers = {workers}\n\n[fetch]"
    config = configure(("[fetch]", server))
    running.prepare(config)
    with store.writing() as tx:
        articles.save(tx, newsroom.articles(), now=newsroom.NOW)
    assert config.file is not None
    return config.file, port


def bad(answers: list[Answer], told: float) -> list[Answer]:
    """Requests that came to grief: begun before the order to stop and not answered, or answered wrongly."""
    return [
        it
        for it in answers
        if not it.is_good and (it.begun < told or it.status is not None or it.fault == "broken")
    ]


def has_answered(load: Load, count: int) -> bool:
    return len(load.answers) >= count


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("rounds", "workers"), [(20, 1), pytest.param(200, 2, marks=pytest.mark.soak)]
)
@pytest.mark.timeout(3600)
def test_sigterm_under_load_breaks_no_request(configure, store, rounds, workers):
    path, port = prepared(configure, store, workers)
    for number in range(rounds):
        with served_at_once(path, port) as site, under_load(port, PATHS) as load:
            until(partial(has_answered, load, 10 + 3 * (number % 20)))
            told = time.monotonic()
            code = site.stop()
            took = time.monotonic() - told
            said = site.said()
        assert (code, bad(load.answers, told)) == (0, []), f"round {number}: {said}"
        assert took < 10
