"""OPML, both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.errors import FeedError, InvalidOutline
from feeds.opml import MAX_BYTES, MAX_OUTLINES, Outline, Outlines, read_opml, write_opml
from tests.feeds import strategies
from tests.feeds.strategies import structs

DATA = Path(__file__).parent.parent / "data" / "opml"
WHEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def opml(body: str) -> bytes:
    return f'<opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_a_list_from_the_wild() -> None:
    one = Outline(
        "One",
        xml_url="https://a.example/one.rss",
        html_url="https://a.example/",
        description="The first",
        language="en-us",
        type="rss",
    )
    two = Outline("Two", title="Two", xml_url="https://a.example/two.atom", type="rss")
    three_url = "https://a.example/three.json"
    three = Outline(three_url, xml_url=three_url, type="rss")
    four = Outline("Four", xml_url="https://a.example/four.rss", type="rss")
    group = Outline("Café & News", children=(one, two, three, Outline("Deeper", children=(four,))))
    read = read_opml((DATA / "wild.opml").read_bytes())
    assert read == Outlines(
        title="My feeds",
        modified=WHEN,
        owner="Ada Merrow",
        owner_email="ada@courier.example",
        owner_url="https://courier.example/author/ada-merrow",
        outlines=(
            group,
            Outline("A page", type="link"),
            Outline("Elsewhere", type="rss"),
            Outline(""),
        ),
    )


def test_a_list_of_ours_says_what_the_specification_asks_for() -> None:
    feed = Outline("Energy", "Energy", "https://a.example/feed", "https://a.example/energy")
    document = write_opml(Outlines("Feeds", (Outline("Themes", children=(feed,)),), WHEN, "Ada"))
    assert document.decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Feeds</title>\n"
        "    <dateModified>Sun, 22 Nov 2026 10:00:00 GMT</dateModified>\n"
        "    <ownerName>Ada</ownerName>\n"
        "    <docs>http://opml.org/spec2.opml</docs>\n"
        "  </head>\n"
        "  <body>\n"
        '    <outline text="Themes">\n'
        '      <outline text="Energy" type="rss" title="Energy"'
        ' xmlUrl="https://a.example/feed" htmlUrl="https://a.example/energy"/>\n'
        "    </outline>\n"
        "  </body>\n"
        "</opml>\n"
    )


_maybe_line = st.none() | strategies.lines
_maybe_url = st.none() | strategies.urls
_feeds = structs(
    Outline,
    text=strategies.lines,
    title=_maybe_line,
    xml_url=strategies.urls,
    html_url=_maybe_url,
    description=_maybe_line,
    language=_maybe_line,
    type=st.just("rss"),
)
_outlines = st.recursive(
    _feeds,
    lambda inner: structs(
        Outline, text=strategies.lines, children=st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


@given(
    structs(
        Outlines,
        title=_maybe_line,
        outlines=st.lists(_outlines, max_size=3).map(tuple),
        modified=st.none() | strategies.moments.map(lambda it: it.replace(microsecond=0)),
        owner=_maybe_line,
        owner_email=_maybe_line,
        owner_url=_maybe_url,
    )
)
def test_reading_gives_back_what_was_written(outlines: Outlines) -> None:
    assert read_opml(write_opml(outlines)) == outlines


@given(structs(Outline, *[strategies.anything] * 7))
def test_any_text_gives_a_document_that_parses(outline: Outline) -> None:
    document = write_opml(Outlines(outline.text, (outline,), owner=outline.title))
    (written,) = etree.fromstring(document).iter("outline")
    assert "text" in written.attrib


ENTITIES = '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well-formed"),
        (b"\0", "not well-formed"),
        (b"<opml", "not well-formed"),
        (opml("<outline text='a & b'/>"), "not well-formed"),
        (b"<rss/>", "no OPML"),
        (b"<html><body/></html>", "no OPML"),
        (b"<opml version='2.0'><head/></opml>", "no OPML"),
        (ENTITIES.encode() + opml("<outline text='&b;'/>"), "document type"),
        ((ENTITIES + opml("").decode()).encode("utf-16"), "document type"),
        (b"<!DOCTYPE opml SYSTEM 'file:///etc/passwd'>" + opml(""), "document type"),
        (opml("<outline text='1'>" * 11 + "</outline>" * 11), "deeper than 10"),
        (opml("<outline>" * 10_000 + "</outline>" * 10_000), "not well-formed|more than"),
        (opml("<outline text='1'/>" * (MAX_OUTLINES + 1)), "more than 5000"),
        (opml(" " * MAX_BYTES), "larger than"),
    ],
)
def test_what_is_no_usable_list_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidOutline, match=reason):
        read_opml(body)


def test_the_limits_themselves_are_allowed() -> None:
    deep = read_opml(opml("<outline text='1'>" * 10 + "</outline>" * 10))
    levels = 0
    children = deep.outlines
    while children:
        levels, children = levels + 1, children[0].children
    assert levels == 10
    assert len(read_opml(opml("<outline text='1'/>" * MAX_OUTLINES)).outlines) == MAX_OUTLINES


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(FeedError):
        read_opml(body)
