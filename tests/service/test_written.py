"""Entries are kept between documents, and never used for one of another state of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from feeds.model import Entry, Format, Media
from feeds.reading import read
from service import naming, publish
from service.model import Selection
from service.store import articles, changelog
from service.written import Sheet, Written
from tests.newsroom import NOW

LATER = NOW + timedelta(minutes=5)


def edit(runtime, **changed) -> None:
    with runtime.store.writing() as tx:
        (newest,) = articles.select(tx, Selection(), limit=1)
        articles.save(tx, [replace(newest, **changed)], now=LATER)


def titles(runtime, name="all", kind=Format.ATOM) -> list[str]:
    made = publish.rendered(runtime, publish.parse(runtime.config, name), kind)
    back = read(made.body, url="https://reader.example/", content_type=made.media_type)
    return [it.title for it in back.entries]


def sheet(text: str = "") -> Sheet:
    return Sheet.of(NOW, NOW, Entry(id="tag:a", content=text))


def test_an_entry_is_put_together_once_for_all_feeds_and_formats(runtime, monkeypatch):
    asked: list[int] = []
    loading = articles.of

    def counted(tx, numbers):
        asked.extend(numbers)
        return loading(tx, numbers)

    monkeypatch.setattr(articles, "of", counted)
    for name in ("all", "theme/energy", "author/ada-marsh"):
        for kind in Format:
            assert titles(runtime, name, kind)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("kind", Format)
def test_an_edit_shows_in_every_feed(runtime, kind):
    titles(runtime, kind=kind)
    edit(runtime, title="Told anew")
    assert "Told anew" in titles(runtime, kind=kind)


def test_a_renamed_author_shows_in_every_entry(runtime):
    publish.rendered(runtime, publish.parse(runtime.config, "all"), Format.ATOM)
    naming.rename_author(runtime, "ada-marsh", "Ada Marsh-Lind")
    made = publish.rendered(runtime, publish.parse(runtime.config, "all"), Format.ATOM)
    assert b"<name>Ada Marsh</name>" not in made.body


def test_an_older_snapshot_neither_sees_nor_leaves_anything(runtime):
    written = Written()
    with runtime.store.reading() as old:
        before = changelog.last(old)
        edit(runtime, title="Told anew")
        with runtime.store.reading() as tx:
            now = changelog.last(tx)
            written.catch_up(tx, now)
        written.put(now, {7: sheet()})
        written.catch_up(old, before)
        assert written.get(before, [7]) == {}
        written.put(before, {8: sheet()})
    assert written.get(now, [7, 8]).keys() == {7}


def test_only_what_was_touched_is_dropped(runtime):
    written = Written()
    with runtime.store.reading() as tx:
        before = changelog.last(tx)
        written.catch_up(tx, before)
        (edited,) = articles.newest(tx, Selection(), limit=1)
    written.put(before, {edited: sheet(), 10_000: sheet()})
    edit(runtime, title="Told anew")
    with runtime.store.reading() as tx:
        now = changelog.last(tx)
        written.catch_up(tx, now)
    assert written.get(now, [edited, 10_000]).keys() == {10_000}


def test_it_takes_no_more_room_than_it_may(runtime):
    written = Written(most=4 * sheet("x" * 1000).size)
    with runtime.store.reading() as tx:
        now = changelog.last(tx)
        written.catch_up(tx, now)
    for number in range(6):
        written.put(now, {number: sheet("x" * 1000)})
        written.get(now, [0])
    assert written.get(now, range(6)).keys() == {0, 3, 4, 5}


def test_all_that_an_entry_says_counts():
    media = tuple(
        Media(f"https://lantern.example/{it}", description="&" * 16_000) for it in range(50)
    )
    held = Sheet.of(NOW, NOW, Entry(id="tag:a", media=media))
    assert held.size > 50 * 16_000 * len(Format)
