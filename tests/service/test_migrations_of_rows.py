"""Migrations that work something out from the rows that are there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, Table

from service import store as storage
from service.store import Store, lengths, pictured
from tests.service.test_migrations import fill

CREATED = 1_700_000_000  # when fill() has every article created, seconds
NAMES = [f"{digit * 64}.jpg" for digit in "abc"]
MEDIA = [  # article, role, url, length
    (1, "image", f"https://own.invalid/media/{NAMES[0]}", 4_000),
    (1, "image", "https://lantern.example/media/wide.jpg", None),
    (2, "enclosure", "https://sound.example/one.mp3", None),
    (2, "enclosure", "https://sound.example/one.mp3", None),  # twice in one article
    (3, "enclosure", "https://sound.example/one.mp3", 0),
    (3, "enclosure", "https://other.example/two.mp3", 0),
    (4, "enclosure", "https://other.example/told.mp3", 12),
    (4, "enclosure", "ftp://other.example/three.mp3", None),
    (4, "enclosure", f"https://other.example/{'long' * 600}.mp3", None),
]


@pytest.fixture
def old(nothing):
    """A database of before enclosures were asked for and pictures counted, with both in it."""
    with closing(Store(nothing)) as store:
        fill(store, 20, "0013")
        with store.writing() as tx:
            media, articles = (
                Table(name, MetaData(), autoload_with=tx) for name in ("media", "articles")
            )
            rows = [
                {
                    "article_id": article,
                    "position": place,
                    "role": role,
                    "url": url,
                    "length": length,
                }
                for place, (article, role, url, length) in enumerate(MEDIA)
            ]
            tx.execute(media.insert(), rows)
            for article, text in (
                (2, {"content": f'<img src="https://own.invalid/media/{NAMES[1]}">' * 2}),
                (3, {"note": f'<img src="https://own.invalid/media/{NAMES[2]}">'}),
                (4, {"content": "<p>https://own.invalid/media/no-picture.jpg</p>"}),
            ):
                tx.execute(articles.update().where(articles.c.id == article).values(text))
        storage.upgrade(store)
        yield store


def test_enclosures_and_pictures_that_were_there_are_taken_account_of(old):
    """0014 asks for lengths once an article, on the web alone; 0015 looks at media, texts and notes."""
    with old.reading() as tx:
        due = lengths.due(tx, datetime.fromtimestamp(CREATED, UTC), limit=10)
    asked = {it.host: it.url for it in due}
    assert asked == {
        "sound.example": "https://sound.example/one.mp3",
        "other.example": "https://other.example/two.mp3",
    }
    with old.writing() as tx:
        for it in due:
            articles = lengths.settle(tx, it, 99)
            assert articles == ([2, 3] if "one" in it.url else [3])
        assert lengths.due(tx, datetime.now(UTC), limit=10) == []
    with old.reading() as tx:
        assert pictured.shown(tx, after="", limit=10) == NAMES
        assert pictured.in_use(tx, [*NAMES, "no-picture.jpg"], datetime.now(UTC)) == {*NAMES}
