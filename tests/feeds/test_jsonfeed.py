"""Reading JSON Feed: what is written in the wild, and what is written to do harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import reading
from feeds.errors import FeedError, ForbiddenMarkup, NotAFeed
from feeds.jsonfeed import read_json
from feeds.model import Category, Entry, Feed, Media, MediaRole, Person

URL = "https://a.example/feeds/all.json"
VERSION = "https://jsonfeed.org/version/1.1"


def read(document: Any, known: frozenset[str] = frozenset()) -> Feed:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_json(body, url=URL, known=known)


def read_item(**members: Any) -> Entry:
    (entry,) = read({"version": VERSION, "items": [{"id": "1", **members}]}).entries
    return entry


def test_a_feed_of_version_1() -> None:
    feed = read(
        {
            "version": "https://jsonfeed.org/version/1",
            "title": "  A\nfeed ",
            "home_page_url": "/",
            "favicon": "/icon.png",
            "author": {"name": "Ada", "url": "/ada"},
            "hubs": [{"type": "WebSub", "url": "/hub"}, {"type": "rssCloud", "url": "/cloud"}],
            "items": [{"id": "1", "author": {"url": "https://b.example/"}}],
        }
    )
    assert feed.dialect == "json10"
    assert feed.title == "A feed"
    assert feed.link == "https://a.example/"
    assert feed.icon == "https://a.example/icon.png"
    assert feed.authors == (Person("Ada", "https://a.example/ada"),)
    assert feed.hubs == ("https://a.example/hub",)
    assert feed.entries[0].authors == (Person("https://b.example/", "https://b.example/"),)


def test_a_feed_is_known_by_its_address_and_an_item_by_nothing_but_its_id() -> None:
    feed = read({"version": VERSION, "feed_url": URL, "items": [{"id": ""}, {"url": "/1"}, 7]})
    assert feed.id == URL
    assert feed.entries == ()
    assert feed.problems == ("3 items without an id were left out",)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b'"../a b"', "../a b"),
        (b"17", "17"),
        (b"-3", "-3"),
        (b"123456789012345678901234567890", "123456789012345678901234567890"),
        (b"9" * 5000, None),  # longer than any id
        (b"1.0", "1.0"),
        (b"1.5", "1.5"),
        (b"true", None),
        (b"NaN", None),
        (b'["1"]', None),
        (b'"\\u0000\\ud800"', None),
    ],
)
def test_ids(written: bytes, read_as: str | None) -> None:
    body = b'{"version": "%s", "items": [{"id": %s}]}' % (VERSION.encode(), written)
    assert [entry.id for entry in read(body).entries] == [read_as] * (read_as is not None)


def test_authors_are_preferred_to_the_old_author() -> None:
    entry = read_item(author={"name": "Old"}, authors=[{"name": "Ada"}, {"name": "Bo"}, {}, 7])
    assert entry.authors == (Person("Ada"), Person("Bo"))


@pytest.mark.parametrize(
    ("members", "content"),
    [
        ({"content_html": "<p>A</p>", "content_text": "B"}, "<p>A</p>"),
        ({"content_text": "1 < 2\nand\r\n\r\n\r\n3 & 4"}, "<p>1 &lt; 2<br>and</p><p>3 &amp; 4</p>"),
        ({"content_text": "Same", "summary": "Same"}, None),
        ({"content_text": "Same", "title": "Same"}, None),
        ({"content_text": " \n\n ", "content_html": ""}, None),
        ({"content_html": ["no", "text"]}, None),
    ],
)
def test_content(members: dict[str, Any], content: str | None) -> None:
    assert read_item(**members).content == content


def test_relative_urls_resolve_against_the_address_and_others_are_dropped() -> None:
    entry = read_item(
        url="../1", external_url="javascript:alert(1)", image="file:///etc/passwd", summary=5
    )
    assert entry.link == "https://a.example/1"
    assert (entry.via, entry.media, entry.summary) == (None, (), None)
    assert entry.base == URL


def test_attachments_and_image() -> None:
    entry = read_item(
        banner_image="/banner.jpg",
        attachments=[
            {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9.9, "title": "A"},
            {"url": "/b.mp3", "size_in_bytes": "1000", "duration_in_seconds": -1},
            {"url": "/c.mp3", "size_in_bytes": True, "duration_in_seconds": 1e999},
            {"mime_type": "audio/mpeg"},
        ],
    )
    assert entry.media == (
        Media("https://a.example/a.mp3", type="audio/mpeg", length=9, title="A"),
        Media("https://a.example/b.mp3", length=1000),
        Media("https://a.example/c.mp3"),
        Media("https://a.example/banner.jpg", MediaRole.ILLUSTRATION),
    )


def test_tags_are_categories_without_scheme() -> None:
    entry = read_item(tags=["Energy", "", 5, None, "Climate, weather"])
    assert entry.categories == (Category("Energy"), Category("Climate, weather"))


def test_extensions_of_others_are_passed_over_and_broken_ones_of_ours_too() -> None:
    entry = read_item(
        _other={"rights": "x"},
        _feedwright={"rights": {}, "license": [], "source": 1, "media": [{}], "taxonomy": "x"},
        tags=["Energy"],
    )
    assert (entry.rights, entry.license, entry.origin, entry.media) == (None, None, None, ())
    assert entry.categories == (Category("Energy"),)


def test_dates_are_kept_as_written_beside_what_they_mean() -> None:
    entry = read_item(date_published="2026-11-22T10:00:00+02:00", date_modified="soon")
    assert entry.published is not None
    assert entry.published.isoformat() == "2026-11-22T08:00:00+00:00"
    assert entry.published_raw == "2026-11-22T10:00:00+02:00"
    assert (entry.updated, entry.updated_raw) == (None, "soon")
    numbered = read_item(date_modified=1795341600)
    assert (numbered.updated, numbered.updated_raw) == (None, "1795341600")


def test_known_items_are_passed_over_until_they_or_what_they_inherit_change() -> None:
    document = {"version": VERSION, "items": [{"id": "1", "title": "A"}, {"id": "2"}]}
    first, second = (entry.raw_digest for entry in read(document).entries)
    again = read(document, frozenset({first}))
    assert again.unchanged == (first,)
    assert [entry.id for entry in again.entries] == ["2"]
    document["items"] = [{"id": "1", "title": "B"}]
    assert read(document, frozenset({first, second})).unchanged == ()
    signed = {**document, "authors": [{"name": "Ada"}], "items": [{"id": "2"}]}
    assert read(signed, frozenset({second})).unchanged == ()


def test_texts_are_bounded() -> None:
    long, name = "x" * 300_000, "x" * 600
    entry = read_item(
        title=long,
        content_html=long,
        url=f"https://a.example/{long}",
        tags=[name] * 1000,
        authors=[{"name": f"{n}{name}"} for n in range(100)],
    )
    assert len(entry.title or "") == 1024
    assert len(entry.content or "") == 256 * 1024
    assert entry.link is None
    assert {len(it.term) for it in entry.categories} == {512}
    assert len(entry.categories) == len(entry.authors) == 50


def test_items_are_bounded_and_what_is_cut_off_is_told() -> None:
    items = [{"id": str(number)} for number in range(10_001)]
    feed = read({"version": VERSION, "items": items})
    assert len(feed.entries) == 10_000
    assert feed.truncated


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}',
        b'{"version": ["https://jsonfeed.org/version/1.1"], "items": []}',
        b'{"version": "https://example.org/", "items": []}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [',
        b"\xff\xfe\xfa",
    ],
)
def test_what_is_no_json_feed_is_refused(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read(body)


@pytest.mark.parametrize("nested", [b"[" * 10**6, b'{"a":' * 10**6])
def test_nesting_beyond_reason_is_refused(nested: bytes) -> None:
    with pytest.raises(ForbiddenMarkup):
        read(b'{"version": "%s", "items": %s' % (VERSION.encode(), nested))


@pytest.mark.parametrize("depth", range(900, 1000, 3))
def test_nesting_near_the_limit_is_read_or_refused(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = b'{"version": "%s", "items": [{"id": "1", "tags": %s}]}' % (VERSION.encode(), nested)
    try:
        assert read(body).entries[0].categories == ()
    except ForbiddenMarkup:
        assert depth > 900


_KEYS = """
    id url title authors author name items tags attachments mime_type size_in_bytes image hubs type
    content_html content_text summary date_published language _feedwright taxonomy term media role
    license uri source deleted ref when contributors
"""
_keys = st.sampled_from(_KEYS.split())
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=5),
    max_leaves=20,
)


@given(head=st.dictionaries(_keys, _values), items=st.lists(st.dictionaries(_keys, _values)))
def test_any_json_is_read_or_refused(head: dict[str, Any], items: list[dict[str, Any]]) -> None:
    document = {**head, "version": VERSION, "items": items}
    feed = read(json.dumps(document).encode())
    assert all(entry.id for entry in feed.entries)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(FeedError):
        read(body)


def test_references_in_json_are_text() -> None:
    """Only XML forbids "&#0;"; feeds.reading must not mend what is not broken."""
    item = {"id": "1", "content_text": "a &#0; reference &#x1f; or two"}
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [item]}
    feed = reading.read(json.dumps(document).encode(), url=URL)
    assert feed.problems == ()
    assert "&amp;#0;" in feed.entries[0].content
