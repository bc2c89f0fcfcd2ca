"""What was kept of an entry says the same when it is read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from feeds.model import Entry, Feed
from feeds.reading import read
from feeds.rereading import document

DATA = Path(__file__).parents[1] / "data" / "reading"
URL = "https://upstream.example/feed"


@pytest.mark.parametrize("file", sorted(DATA.glob("*.xml")), ids=lambda file: file.stem)
def test_an_entry_is_the_same_when_it_is_read_again(file):
    feed = read(file.read_bytes(), url=URL)
    for entry in feed.entries:
        if entry.raw:
            (again,) = read(document([entry.raw], feed.dialect), url=feed.base or "").entries
            assert told(again, feed) == told(entry, feed)


def told(entry: Entry, feed: Feed) -> Entry:
    return replace(entry, language=(entry.language or feed.language or "").lower())


def test_json_is_the_same_when_it_is_read_again():
    body = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "pt", "items": ['
        b'{"id": 7, "url": "/7", "content_html": "<p>1</p>", "_other": {"a": 1}},'
        b'{"id": "8", "content_text": "2", "language": "en"}]}'
    )
    feed = read(body, url=URL)
    again = read(document([it.raw for it in feed.entries], feed.dialect), url=feed.base)
    assert again.entries == feed.entries


def test_several_stand_in_one_document():
    feed = read((DATA / "atom-full.xml").read_bytes(), url=URL)
    raws = [it.raw for it in feed.entries] * 3
    again = read(document(raws, feed.dialect), url=feed.base)
    assert [it.id for it in again.entries] == [it.id for it in feed.entries] * 3
