"""A feed is walked to its end over HTTP while 200 articles arrive; newsboat and sfeed read along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from feeds.model import Format
from service.front import Front
from service.model import Selection
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.readers.driving import Newsboat, served, sfeed
from tests.readers.walking import Walker

if TYPE_CHECKING:
    from pathlib import Path

    from service.runtime import Runtime
    from tests.fakes import ManualClock

pytestmark = [pytest.mark.needs("newsboat"), pytest.mark.needs("sfeed")]

SITE = "https://gazette.example"
COMBINED = "/feeds/theme/energy/region/north-shore.atom"


def publish(runtime: Runtime, clock: ManualClock, numbers: range) -> None:
    """Publish these, each a second after the one before."""
    clock.advance(len(numbers))
    now = clock.now()
    filed = {"categories": (newsroom.ENERGY, newsroom.NORTH), "published": now, "updated": now}
    drafts = [newsroom.article(number, **filed) for number in numbers]
    with runtime.store.writing() as tx:
        articles.save(tx, drafts, now=now)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_readers_miss_nothing_while_200_articles_arrive(
    bare: Runtime, clock: ManualClock, tmp_path: Path
) -> None:
    for start in range(1, 121, 40):
        publish(bare, clock, range(start, start + 40))
    current = Current(bare)
    front = Front(create_app(current), current)
    documents: list[bytes] = []
    with served(front) as address:

        def get(asked: str) -> bytes:
            with urlopen(asked.replace(SITE, address)) as answer:
                documents.append(answer.read())
            return documents[-1]

        newsboat = Newsboat(tmp_path / "newsboat", address + COMBINED)
        newsboat.reload()
        walker = Walker(f"{SITE}/feeds/theme/energy.atom", Format.ATOM, get)
        steps = walker.steps()
        for start in range(121, 321, 40):  # some arrive after each document
            if next(steps, None) is None:
                steps = walker.steps()
            publish(bare, clock, range(start, start + 40))
        for _ in steps:
            pass
        walker.poll()
        newest = newsboat.reload()
    front.close()
    with bare.store.reading() as tx:
        there = {str(it.guid) for it in articles.select(tx, Selection(), limit=999)}
    assert len(there) == 320
    assert walker.entries.keys() == there
    assert {item.id for it in documents for item in sfeed(it, tmp_path)} == there
    assert {it.id for it in newest} <= there
    assert all(int(it.title.split()[-1]) > 280 for it in newest[:10])
