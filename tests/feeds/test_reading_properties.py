"""Whatever the bytes, read() gives a sound feed or one of its errors."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from feeds import fields, text
from feeds.errors import FeedError
from feeds.model import Format
from feeds.reading import read
from feeds.writing import write

DATA = Path(__file__).parents[1] / "data" / "reading"
URL = "https://news.example/feed"
BODIES = [path.read_bytes() for path in sorted(DATA.glob("*.xml"))]

# What a feed says word for word, and what is made of it later.
_NOT_OF_THE_FEED = {"problems", "raw", "markup", "raw_digest", "content_digest", "dialect", "words"}
_ADDRESSES = {
    "url",
    "link",
    "uri",
    "self_link",
    "home",
    "feed",
    "via",
    "discussion",
    "icon",
    "logo",
    "docs",
}
_PIECES = (
    b"< > </ /> & ; \" ' ]]> <![CDATA[ <!-- --> <? @ \0 <item> </item> <entry> <rss> <author> <link>"
    b" </channel> &#x1; &eacute; <!DOCTYPE \xff\xfe \xc3 \xed\xa0\x80 xmlns='http://www.w3.org/2005/Atom'"
).split()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A fixture with pieces cut out, doubled, put in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 6))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        kind = draw(st.sampled_from(["cut", "double", "insert", "replace"]))
        if kind == "insert":
            body = (
                body[:start] + draw(st.sampled_from(_PIECES) | st.binary(max_size=8)) + body[start:]
            )
        elif kind == "double":
            body = body[:end] + body[start:]
        else:
            end = min(end, start + draw(st.integers(1, 200)))
            body = (
                body[:start]
                + (draw(st.sampled_from(_PIECES)) if kind == "replace" else b"")
                + body[end:]
            )
    return body


def assert_sound(value: Any, name: str = "") -> None:
    """All text is legal and not empty, all addresses are of the web, all dates are aware."""
    if isinstance(value, Struct):
        for field in value.__struct_fields__:
            if field not in _NOT_OF_THE_FEED:
                assert_sound(getattr(value, field), field)
    elif isinstance(value, tuple):
        for item in value:
            assert_sound(item, name)
    elif isinstance(value, str):
        assert value, name
        assert text.legal(value) == value
        assert name not in _ADDRESSES or fields.url(value) == value
    elif isinstance(value, datetime):
        assert value.utcoffset() is not None


def assert_harmless(body: bytes, content_type: str | None = None) -> None:
    try:
        feed = read(body, url=URL, content_type=content_type)
    except FeedError:
        return
    assert_sound(feed)


ENCLOSING = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href=""/><title>One</title>
<entry><id>tag:a.example,2026:1</id><link rel="enclosure" href="%s" type="audio/mpeg"/></entry></feed>"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKUP = [body for body in BODIES if body.lstrip().startswith(b"<")]
_VALUES = re.compile(rb'="([^"]*)"|>([^<>]+)<')
_NOWHERE = [
    "",
    " ",
    "\u3000",
    "\u200b",
    "?",
    "#",
    "//",
    "..",
    "ftp:",
    "http:",
    "https:?\u3000",
    "http://[",
    "http://a:0/",
    "mailto:a@b.example",
    "javascript:x",
    "HTTP://A",
    "http://a@b/",
    "a\u3000?",
    "http://a/\u00a0#",
    "0",
    "-1",
    "x",
    "text/",
    "/x",
]
_SCRAPS = [
    "a",
    "/",
    ".",
    "..",
    "?",
    "#",
    ":",
    "@",
    "[",
    "]",
    ";",
    "\\",
    " ",
    "%20",
    "\x85",
    "\u00a0",
    "\u2028",
    "\u3000",
    "\u00e9",
    "http:",
    "https://",
    "//",
    "x.example",
]


@st.composite
def misled(draw: st.DrawFn) -> bytes:
    """A fixture with values in it that lead nowhere, or where they should not."""
    body = draw(st.sampled_from(_MARKUP))
    spots = list(_VALUES.finditer(body))
    chosen = draw(st.lists(st.sampled_from(spots), min_size=1, max_size=8, unique=True))
    for spot in sorted(chosen, key=lambda it: -it.start()):
        start, end = spot.span(spot.lastindex or 0)
        body = body[:start] + draw(st.sampled_from(_NOWHERE)).encode() + body[end:]
    return body


@given(
    value=st.lists(st.sampled_from(_SCRAPS), max_size=7).map("".join),
    base=st.sampled_from(["", URL]),
)
@example(value="a\u3000?", base=URL)
@example(value="https://\x85#", base=URL)
def test_a_url_once_read_stays_the_same(value: str, base: str) -> None:
    found = fields.url(value, base)
    assert found is None or fields.url(found) == found


@given(body=st.binary(max_size=300), content_type=st.none() | st.text(max_size=40))
@example(body=b"<rss\xe9/>", content_type="x; charset=idna")
def test_any_bytes(body: bytes, content_type: str | None) -> None:
    assert_harmless(body, content_type)


@given(body=damaged())
@settings(max_examples=400)
def test_damaged_documents(body: bytes) -> None:
    assert_harmless(body)


@given(body=misled())
@example(body=ENCLOSING % b"")
@example(body=ENCLOSING % b"ftp:")
@example(body=ENCLOSING % "https://a.example/\u3000#".encode())
def test_values_that_lead_nowhere_are_left_out(body: bytes) -> None:
    try:
        feed = read(body, url=URL)
    except FeedError:
        return
    assert_sound(feed)
    whole = replace(feed, id=URL, title="A", link=URL, self_link=URL, updated=EPOCH)
    for kind in (Format.ATOM, Format.RSS):
        root = etree.fromstring(write(whole, kind))
        assert all(value for it in root.iter("*") for value in it.attrib.values())


@pytest.mark.soak
@given(body=damaged())
@settings(max_examples=50_000)
def test_fifty_thousand_damaged_documents(body: bytes) -> None:
    assert_harmless(body)


@given(
    body=st.sampled_from([body for body in BODIES if b"</channel>" in body]),
    share=st.floats(0.0, 1.0),
)
def test_a_truncated_document_has_whole_entries_only(body: bytes, share: float) -> None:
    """DED-14: what is kept of an entry is never overwritten by a part of it."""
    closing = re.search(rb"</\w+:?\w*>\s*$", body)
    assert closing
    try:
        feed = read(body[: int(closing.start() * share)], url=URL)
    except FeedError:
        return
    assert feed.truncated
    whole = read(body[: closing.start()] + b"<br>" + body[closing.start() :], url=URL)
    assert feed.entries == whole.entries[: len(feed.entries)]
