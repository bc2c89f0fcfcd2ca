"""Feeds come from the process that makes them, and from the worker itself where that cannot be had."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace
from werkzeug.test import Client

from service.front import Front
from service.front import renderer as renderers
from service.front.renderer import Renderer
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.serving import until

ATOM = "/feeds/theme/energy.atom"


@pytest.fixture
def folder(runtime, tmp_path: Path) -> Path:
    """Where feeds are made for whoever asks."""
    current = Current(runtime)
    making = (tmp_path, create_app(current), current)
    threading.Thread(target=renderers.serve, args=making, daemon=True).start()
    until(lambda: (tmp_path / "renderer").exists())
    return tmp_path


@pytest.fixture
def worker(runtime) -> Iterator[Callable[[Path | None], Client]]:
    """A worker that has its feeds made in a folder, or makes them itself."""
    with ExitStack() as life:

        def made(folder: Path | None) -> Client:
            current = Current(runtime)
            renderer = Renderer(folder) if folder else None
            front = Front(create_app(current), current, renderer=renderer)
            life.callback(front.close)
            return Client(front)

        yield made


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_what_is_made_elsewhere_is_answered_as_what_is_made_here(worker, folder, coding):
    told = {"Accept-Encoding": coding}
    here, there = (worker(it).get(ATOM, headers=told) for it in (None, folder))
    assert (there.status, there.data, dict(there.headers)) == (
        here.status,
        here.data,
        dict(here.headers),
    )


def test_an_edit_shows(runtime, worker, folder):
    reader = worker(folder)
    reader.get(ATOM)
    with runtime.store.writing() as tx:
        articles.save(tx, [replace(newsroom.everything(), title="Tides, corrected")], now=NOW)
    until(lambda: "Tides, corrected" in reader.get(ATOM).text, seconds=1)


@pytest.mark.parametrize(
    "path", ["/feeds/theme/nothing.atom", "/feeds/all.xml", "/feeds/a%0Ab.atom", "/feeds/é.rss"]
)
def test_what_is_no_feed_is_told_as_ever(worker, folder, path):
    here, there = (worker(it).get(path) for it in (None, folder))
    assert (there.status_code, there.data) == (404, here.data)


def test_a_worker_makes_its_own_where_nobody_answers(worker, tmp_path, renderings):
    assert worker(tmp_path).get(ATOM).status_code == 200
    assert len(renderings) == 1
