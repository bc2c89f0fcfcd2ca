"""What happens when the last day of a license is over: nobody goes on with what was allowed until then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from werkzeug.http import http_date
from werkzeug.test import Client

from service import newsroom as work
from service.front import Front
from service.runtime import Current
from service.web import create_app
from tests.newsroom import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.config import Config
    from service.runtime import Runtime
    from tests.fakes import ManualClock

MIDNIGHT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # in Lisbon, two days on
LANTERN = "/feeds/source/lantern.atom"


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    """The test newsroom, whose license of the partner ends tomorrow."""
    text = 'text = "Share it, with credit."\n'
    return configure((text, f'{text}valid_until = "2026-11-23"\n'))


def content(document: bytes) -> str | None:
    (entry,) = etree.fromstring(document).iterfind("{*}entry")
    return entry.findtext("{*}content")


def test_a_reader_learns_of_the_end_also_without_the_scheduler(
    runtime: Runtime, clock: ManualClock
) -> None:
    front = Front(create_app(Current(runtime)), Current(runtime))
    try:
        ask = _asking(front)
        clock.advance((MIDNIGHT - NOW).total_seconds() - 60)
        before = ask(LANTERN)
        assert content(before.data)
        assert "max-age=60," in before.headers["Cache-Control"]
        clock.advance(61)
        after = ask(LANTERN, {"If-Modified-Since": before.headers["Last-Modified"]})
        assert after.status_code == 200
        assert content(after.data) is None
        assert "max-age=300," in after.headers["Cache-Control"]
        clock.advance(5)
        again = ask(LANTERN, {"If-None-Match": after.headers["ETag"]})
        assert again.status_code == 304
    finally:
        front.close()


def _asking(front: Front):
    client = Client(front)
    return lambda path, headers=None: client.get(path, headers=headers)


def test_the_end_is_written_down_once(runtime: Runtime, clock: ManualClock, client) -> None:
    clock.advance((MIDNIGHT - NOW).total_seconds())
    work.settle(runtime)
    first = client.get(LANTERN)
    clock.advance(10)
    work.settle(runtime)
    assert client.get(LANTERN).headers["Last-Modified"] == http_date(MIDNIGHT)
    assert client.get(LANTERN).headers["ETag"] == first.headers["ETag"]
    page = client.get("/articles/2026/11/the-lantern-on-lighthouses").text
    assert "Text of article 2" not in page
