"""What is written is read back: by our own readers with nothing lost, by others as far as they go."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
import pytest
from hypothesis import example, given, settings
from msgspec import Struct
from msgspec.structs import replace

from feeds import text
from feeds.model import Entry, Feed, Format, MediaRole, Person
from feeds.reading import read
from feeds.values import said
from feeds.writing import write
from tests.feeds import golden, schemas, strategies
from tests.feeds.normalised import normalised

URL = "https://courier.example/feeds/all"


@given(feed=strategies.feeds)
def test_reading_gives_back_what_was_written(feed: Feed) -> None:
    for kind in Format:
        back = read(write(feed, kind), url=URL)
        assert back == normalised(feed, kind)
        assert back.problems == ()
        assert write(back, kind) == write(normalised(feed, kind), kind)


@pytest.mark.parametrize(("name", "kind"), golden.DOCUMENTS)
def test_a_golden_document_is_read_back_with_nothing_lost(name: str, kind: Format) -> None:
    back = read(golden.document(name, kind).read_bytes(), url=URL)
    assert back.problems == ()
    assert not back.truncated
    if name != "hostile_title":  # its texts are not as the service makes them
        assert back == normalised(golden.feed(name), kind)


@pytest.mark.parametrize("kind", Format)
def test_hostile_texts_survive(kind: Format) -> None:
    """RSS-21, RSS-22."""
    said = golden.feed("hostile_title")
    document = golden.document("hostile_title", kind).read_bytes()
    back = read(document, url=URL)
    titles = [back.title, back.entries[0].title]
    assert titles == [text.plain(it) for it in (said.title, said.entries[0].title)]
    assert back.entries[0].content == text.legal(said.entries[0].content or "")
    assert back.entries[0].authors == (Person('Ann O\'Hara & "Sons" <Ltd>'),)
    if kind is not Format.JSON:
        parsed = _parsed(document)
        assert [parsed.feed.title, parsed.entries[0].title] == titles


def _assert_harmless(anything: str) -> None:
    for name in ("plain", "podcast", "republished", "tombstone", "untitled"):
        feed = _before_every_text(anything, golden.feed(name))
        for kind in Format:
            document = write(feed, kind)
            assert read(document, url=URL).problems == ()
            if kind is Format.JSON:
                assert schemas.json_errors(document) == []
            else:
                assert not _parsed(document).bozo
            if kind is Format.ATOM:
                assert schemas.atom_errors(document) == []


def _before_every_text(anything: str, value: Any) -> Any:
    """The value with `anything` before each text in it, whatever the text is for."""
    if isinstance(value, str) and not isinstance(value, MediaRole):
        return anything + value
    if isinstance(value, tuple):
        return tuple(_before_every_text(anything, item) for item in value)
    if isinstance(value, Struct):
        told = {name: getattr(value, name) for name in said(type(value))}
        return replace(value, **{key: _before_every_text(anything, it) for key, it in told.items()})
    return value


@given(anything=strategies.anything)
@settings(max_examples=30)
@example("\x00\x08\x0b\x1f\x7f\x85\ufffe\uffff\ud800\udfff")
@example("0/0\r")  # a media type ends with its line, as it does for XML Schema
@example("]]><!--&<![CDATA[&#38;\r\n\u2028</title><script>")
def test_any_text_in_any_field_gives_documents_that_are_valid(anything: str) -> None:
    _assert_harmless(anything)


@pytest.mark.soak
@given(anything=strategies.anything)
@settings(max_examples=10_000)
def test_ten_thousand_texts_in_any_field_give_documents_that_are_valid(anything: str) -> None:
    _assert_harmless(anything)


@pytest.mark.parametrize("kind", [Format.ATOM, Format.RSS])
@pytest.mark.parametrize("name", [name for name in golden.NAMES if name != "hostile_title"])
def test_feedparser_reads_the_same(name: str, kind: Format) -> None:
    feed = normalised(golden.feed(name), kind)
    parsed = _parsed(golden.document(name, kind).read_bytes())
    assert not parsed.bozo
    assert {it.name for it in feed.authors} <= {it.name for it in parsed.feed.get("authors", [])}
    assert _head_seen(parsed.feed) == _head_said(feed)
    assert [_seen(entry) for entry in parsed.entries] == [_said(entry) for entry in feed.entries]


# Of the rest, feedparser gets wrong: the one author of an entry (the last, or a mixture) and of a channel
# that has an editor, the summary of an entry that has none but has a picture with a caption, whatever
# repeats an element it does not know (tombstones, skipped hours), and the language of an entry.

_HEAD = ("title", "subtitle", "link", "id", "language", "rights", "generator", "icon", "docs")
_ENTRY = ("title", "id", "rights")


def _parsed(document: bytes) -> Any:
    return feedparser.parse(BytesIO(document), sanitize_html=False, resolve_relative_uris=False)


def _head_seen(parsed: Any) -> dict[str, Any]:
    return {name: parsed.get(name) for name in _HEAD} | {
        "updated": _moment(parsed, "updated_parsed"),
        "categories": _tags(parsed),
        "logo": parsed.get("logo") or parsed.get("image", {}).get("href"),
        "hubs": _hrefs(parsed, "hub"),
        "history": [_hrefs(parsed, rel) for rel in ("prev-archive", "next-archive", "current")],
        "ttl": parsed.get("ttl"),
    }


def _head_said(feed: Feed) -> dict[str, Any]:
    history = (feed.previous_archive, feed.next_archive, feed.current)
    return {name: getattr(feed, name) for name in _HEAD} | {
        "updated": feed.updated,
        "categories": [(it.scheme, it.term, it.label) for it in feed.categories],
        "logo": feed.logo,
        "hubs": list(feed.hubs),
        "history": [[href] if href else [] for href in history],
        "ttl": str(feed.ttl) if feed.ttl else None,
    }


def _seen(parsed: Any) -> dict[str, Any]:
    texts = [it.value for it in parsed.get("content", [])] or [parsed.get("summary")]
    return {name: parsed.get(name) for name in _ENTRY} | {
        "link": _hrefs(parsed, "alternate"),
        "content": texts[0],
        "authors": [it.get("name") for it in parsed.get("authors", [])],
        "contributors": [it.get("name") for it in parsed.get("contributors", [])],
        "categories": _tags(parsed),
        "published": _moment(parsed, "published_parsed"),
        "updated": _moment(parsed, "updated_parsed"),
        "source": parsed.get("source", {}).get("title"),
        "via": _hrefs(parsed, "via"),
        "license": {*_hrefs(parsed, "license")},  # a link, and the element of Creative Commons
        "discussion": [parsed.comments] if "comments" in parsed else _hrefs(parsed, "replies"),
        "media": {it["url"] for it in parsed.get("media_content", [])}
        | {it.href for it in parsed.get("enclosures", [])},
    }


def _said(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _ENTRY} | {
        "link": [entry.link] if entry.link else [],
        "content": entry.content or entry.summary,
        "authors": [it.name for it in entry.authors],
        "contributors": [it.name for it in entry.contributors],
        "categories": [(it.scheme, it.term, it.label) for it in entry.categories],
        "published": entry.published,
        "updated": entry.updated,
        "source": entry.origin.title if entry.origin else None,
        "via": [entry.via] if entry.via else [],
        "license": {entry.license.uri} if entry.license else set(),
        "discussion": [entry.discussion] if entry.discussion else [],
        "media": {it.url for it in entry.media},
    }


def _tags(parsed: Any) -> list[tuple[str | None, str, str | None]]:
    return [(it.scheme, it.term, it.label) for it in parsed.get("tags", [])]


def _hrefs(parsed: Any, rel: str) -> list[str]:
    return [it.href for it in parsed.get("links", []) if it.rel == rel]


def _moment(parsed: Any, key: str) -> datetime | None:
    """Past feedparser's own get(), which gives one date for another and warns of it."""
    found: struct_time | None = dict.get(parsed, key)
    return datetime.fromtimestamp(timegm(found), UTC) if found else None
