"""One browser for all tests of a process, and a site for it to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.store import articles
from tests import newsroom
from tests.browser.chromium import Chromium
from tests.browser.sites import looked_at

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
    with looked_at(runtime) as address:
        yield address
