"""Links in HTTP headers and in the heads of pages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import links
from feeds.links import Link
from feeds.model import Format
from tests.feeds import golden, strategies
from tests.feeds.strategies import structs

BASE = "https://a.example/articles/1"
ATOM = "application/atom+xml"


def test_a_header_names_every_link_with_its_parameters() -> None:
    value = links.header(
        [
            Link("https://a.example/feed", "self", ATOM),
            Link("https://a.example/fr", "alternate", hreflang="fr", title='The "Courier" \\ Co.'),
        ]
    )
    assert value == (
        '<https://a.example/feed>; rel="self"; type="application/atom+xml", '
        '<https://a.example/fr>; rel="alternate"; hreflang="fr"; title="The \\"Courier\\" \\\\ Co."'
    )


def test_a_title_beyond_ascii_is_percent_encoded() -> None:
    value = links.header([Link("https://a.example/é?q=1&r=%20", "license", title="Übrig © 5%")])
    assert value == (
        '<https://a.example/%C3%A9?q=1&r=%20>; rel="license"; '
        "title*=UTF-8''%C3%9Cbrig%20%C2%A9%205%25"
    )
    assert links.parse_header(value, BASE)[0].title == "Übrig © 5%"


@given(st.lists(structs(Link, *[st.text(st.characters())] * 5)))
def test_a_header_is_printable_ascii_whatever_the_links_hold(found: list[Link]) -> None:
    value = links.header(found)
    assert value.isascii()
    assert not found or value.isprintable()


_absolute = strategies.urls.filter(str.isascii)
_texts = st.none() | strategies.lines


@given(st.lists(structs(Link, _absolute, st.sampled_from(["self", "hub"]), title=_texts)))
def test_a_header_is_read_back(found: list[Link]) -> None:
    assert links.parse_header(links.header(found), BASE) == tuple(found)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", []),
        ("<https://a.example/f>; rel=self", [("https://a.example/f", "self")]),
        ('</hub> ; REL="hub"', [("https://a.example/hub", "hub")]),
        ("<f>;rel=SELF", [("https://a.example/articles/f", "self")]),
        ("<>; rel=self", []),
        ('</f>; rel="self hub"', [("https://a.example/f", "self"), ("https://a.example/f", "hub")]),
        ("</f>; rel=self; rel=hub", [("https://a.example/f", "self")]),
        ('</f>; title="a, <b>; rel=\\"x\\""; rel=self', [("https://a.example/f", "self")]),
        (
            "</f>; rel=self, , </g>;rel=hub,",
            [("https://a.example/f", "self"), ("https://a.example/g", "hub")],
        ),
        ("</f>; rel=self; anchor='#a'", []),
        ("</f>", []),
        ("</f>; rel", []),
        ("<javascript:alert(1)>; rel=self", []),
        ("<https://[::1>; rel=self", []),
        ("</f; rel=self", []),
        ('</f>; rel="self', []),
    ],
)
def test_headers_in_the_wild(value: str, found: list[tuple[str, str]]) -> None:
    assert [(link.href, link.rel) for link in links.parse_header(value, BASE)] == found


@given(st.text())
def test_any_header_is_read(value: str) -> None:
    assert all(link.href.startswith("http") for link in links.parse_header(value, BASE))


@pytest.mark.parametrize("piece", ["<", "<a>;", "<a>;a=", '<a>;a="', " ", ",", ";", "<a>; ", '"\\'])
def test_a_long_header_is_read_in_linear_time(piece: str) -> None:
    begin = time.process_time()
    links.parse_header(piece * 30_000, BASE)
    assert time.process_time() - begin < 5  # quadratic, it would be minutes


def test_a_page_announces_its_feeds_in_its_head() -> None:
    page = """<!DOCTYPE html><html><head>
      <link rel="stylesheet" href="/style.css">
      <link rel="alternate" type="application/rss+xml" title="Énergie &amp; climat" href="/energy.rss">
      <link rel="ALTERNATE home" type="Application/Atom+XML; charset=utf-8" href="all.atom" hreflang="fr">
      <link rel="alternate" type="application/rss+xml" href="/energy.rss" title="The same again">
      <link rel="alternate" type="application/feed+json" href="https://b.example/feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/1">
      <link rel="alternate" hreflang="de" href="/de">
      <link rel="alternate" type="application/rss+xml" href="feed:https://a.example/">
      <link rel="alternate" type="application/rss+xml">
      </head><body>
      <link rel="alternate" type="application/rss+xml" href="/smuggled.rss">
      </body></html>"""
    assert links.discover(page.encode(), BASE) == (
        Link(
            "https://a.example/energy.rss", "alternate", "application/rss+xml", "Énergie & climat"
        ),
        Link("https://a.example/articles/all.atom", "alternate", ATOM, hreflang="fr"),
        Link("https://b.example/feed.json", "alternate", "application/feed+json"),
    )


def test_a_page_may_have_a_base_and_another_encoding() -> None:
    page = (
        '<meta charset="windows-1251"><base href="/ru/">'
        '<link rel="alternate" type="application/atom+xml" title="Гавань" href="feed">'
    )
    assert links.discover(page.encode("cp1251"), BASE) == (
        Link("https://a.example/ru/feed", "alternate", ATOM, "Гавань"),
    )


@pytest.mark.parametrize(
    "page", [b"", b"\0", b" ", b"<!-- -->", b"<rss/>", b"\xff\xfe<\0", b"<?xml version='1.0'?>"]
)
def test_a_page_without_a_head_announces_nothing(page: bytes) -> None:
    assert links.discover(page, BASE) == ()


@given(st.binary())
def test_any_bytes_announce_nothing(page: bytes) -> None:
    assert links.discover(page, BASE) == ()


def test_only_the_beginning_of_a_page_is_read() -> None:
    link = b'<link rel="alternate" type="application/atom+xml" href="/feed">'
    assert len(links.discover(b"<head>" + b" " * 100_000 + link, BASE)) == 1
    assert links.discover(b"<head>" + b" " * 600_000 + link, BASE) == ()


def test_the_links_of_a_feed() -> None:
    feed = golden.feed("plain")
    assert [(link.rel, link.href) for link in links.of_feed(feed, Format.RSS)] == [
        ("self", "https://courier.example/feeds/all"),
        ("alternate", "https://courier.example/"),
        ("hub", "https://courier.example/hub"),
        ("hub", "https://hub.example/"),
        ("next", "https://courier.example/feeds/all?page=2"),
    ]


def test_the_links_of_an_entry_and_of_its_origin() -> None:
    (entry,) = golden.feed("republished").entries
    assert [link.rel for link in links.of_entry(entry)] == [
        "alternate",
        "via",
        "license",
        "replies",
    ]
    assert entry.origin is not None
    assert links.of_origin(entry.origin)[-1] == Link(
        "https://creativecommons.org/licenses/by-nd/4.0/", "license", title="CC BY-ND 4.0"
    )
