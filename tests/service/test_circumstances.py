"""Where an article happens, what it follows, how long it may be shown, in every format."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.model import Format, Media, Place, Reference
from feeds.reading import read
from service import publish
from service.errors import Refused
from service.model import Origin, Selection
from service.store import articles
from tests import newsroom
from tests.newsroom import ISLANDS, NORTH, NOW


def entry(runtime, kind, number):
    """The article as its reader finds it in the feed of everything."""
    document = publish.rendered(runtime, Selection(), kind).body
    feed = read(document, url="https://gazette.example/feeds/all")
    return next(it for it in feed.entries if it.title == f"Article number {number}")


def save(runtime, *drafts):
    with runtime.store.writing() as tx:
        return articles.save(tx, drafts, now=NOW)


def test_each_format_tells_the_circumstances(bare):
    first = newsroom.article(2)
    (followed, _) = save(
        bare,
        first,
        newsroom.article(
            1,
            categories=(NORTH, ISLANDS),
            expires=NOW + timedelta(days=1),
            in_reply_to=Reference(f"{first.published:%Y/%m}/{first.slug}"),
            media=(
                Media("https://media.example/a.mp3", type="audio/mpeg", credit="Ada"),
                Media("https://media.example/b.mp3", type="audio/mpeg", rights="© Ben"),
            ),
        ),
    )
    wanted = Reference(
        followed.guid,
        f"https://gazette.example/articles/{followed.path}",
        "https://gazette.example/feeds/all.atom",
    )
    for kind in Format:
        found = entry(bare, kind, 1)
        assert found.in_reply_to == wanted
        assert found.places == (Place(60.39, 5.32),)  # of the islands, config.toml tells nothing
        assert found.valid_until == NOW + timedelta(days=1)
        told = [(it.length, it.rights) for it in found.media]
        assert told == [(None, "Copyright (c) Harbour Gazette Trust"), (None, "© Ben")]
        assert entry(bare, kind, 2).in_reply_to is None


def test_an_article_may_follow_what_stands_elsewhere(bare):
    elsewhere = Reference("tag:lantern.example,2026:7", "https://lantern.example/7")
    save(bare, newsroom.article(1, in_reply_to=elsewhere))
    assert entry(bare, Format.ATOM, 1).in_reply_to == elsewhere


def test_an_article_cannot_follow_one_that_is_not_there(bare):
    with pytest.raises(Refused, match="in_reply_to: there is no article '2020/01/nothing'"):
        save(bare, newsroom.article(1, in_reply_to=Reference("2020/01/nothing")))


def test_what_came_later_leaves_old_digests_as_they_were(bare):
    draft = newsroom.article(
        1, media=(Media("https://media.example/a.mp3"),), origins=(Origin(title="A"),)
    )
    save(bare, draft)
    with bare.store.reading() as tx:
        (row,) = tx.exec_driver_sql("SELECT digest FROM articles").scalars()
    assert row == "fcfc94a8b737f6c29ffbe77b465b57c8e360e07fc47fc700ab29e070645f79ee"
