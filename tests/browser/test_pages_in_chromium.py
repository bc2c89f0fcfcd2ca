"""The pages in a real browser: wide and narrow, light and dark, with texts that try to break the layout."""

from __future__ import annotations

import threading
from itertools import product
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.browser.chromium import Chromium, View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.runtime import Runtime

pytestmark = [
    pytest.mark.needs("chromium"),
    # What a browser makes of a page has nothing to do with the database.
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
PAGES = ("/", "/?page=2", "/theme/", "/theme/energy", "/author/ada-marsh", "/source/lantern", "/feeds",
         "/terms", "/nothing", "/articles/2026/11/tides-and-turbines", "/articles/2026/11/maqal",
         "/articles/2026/11/unruly")  # fmt: skip
VIEWS = [
    View(320, 800),
    View(390, 844),
    View(390, 844, dark=True),
    View(768, 1024),
    View(1280, 900),
]


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
        content=f"<h2>{endless}</h2><p>{endless} <code>{endless}</code></p><pre>{endless * 3}</pre>"
        f"<table><tr>{f'<td>{endless}</td>' * 6}</tr></table>"
        '<p><img src="https://gazette.example/media/wide.jpg" width="4000" height="200" alt="wide"></p>',
    )
    with runtime.store.writing() as tx:
        articles.save(tx, [unruly], now=newsroom.NOW)
    server = make_server("127.0.0.1", 0, create_app(runtime), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    held = Chromium(tmp_path / "profile")
    yield held
    held.close()


def test_no_page_overflows_or_breaks_its_own_policy(site: str, browser: Chromium) -> None:
    for path, view in product(PAGES, VIEWS):
        browser.open(site + path, view)
        width = browser.value("document.documentElement.scrollWidth")
        assert width <= view.width, (path, view, width)
        assert not browser.complaints, (path, browser.complaints)


def test_the_style_sheet_is_in_force_in_both_schemes(site: str, browser: Chromium) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(site + "/", View())
    light = browser.value(ground)
    browser.open(site + "/", View(dark=True))
    assert light == "rgb(251, 248, 242)"
    assert browser.value(ground) == "rgb(24, 22, 19)"


def test_the_keyboard_reaches_the_text_first(site: str, browser: Chromium) -> None:
    browser.open(site + "/", View())
    for kind in ("keyDown", "keyUp"):
        browser.ask(
            "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
        )
    assert browser.value("document.activeElement.textContent") == "Skip to content"
    assert browser.value("document.activeElement.getBoundingClientRect().top") > 0
