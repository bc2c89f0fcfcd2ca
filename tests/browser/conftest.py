"""One browser for all tests of a process, and a site for it to look at."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from service.front import Front
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.browser.chromium import Chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.runtime import Runtime


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    held = Chromium(tmp_path_factory.mktemp("chromium"))
    yield held
    held.close()


@pytest.fixture
def site(runtime: Runtime) -> Iterator[str]:
    """The address of the newsroom, with one article more whose words and tables are too wide."""
    endless = "Donaudampfschiff" * 12
    unruly = newsroom.article(
        0,
        title=endless,
        slug="unruly",
        summary=f"https://gazette.example/{endless}",
        rights=endless,
        authors=(newsroom.Author(name=endless),),
        content=f"<h2>{endless}</h2><p>{endless} <code>{endless}</code></p><pre>{endless * 3}</pre>"
        f"<table><tr>{f'<td>{endless}</td>' * 6}</tr></table>"
        '<p><img src="https://gazette.example/media/wide.jpg" width="4000" height="200" alt="wide"></p>',
    )
    with runtime.store.writing() as tx:
        articles.save(tx, [unruly], now=newsroom.NOW)
    current = Current(runtime)
    front = Front(create_app(current), current)
    server = make_server("127.0.0.1", 0, front, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    front.close()
