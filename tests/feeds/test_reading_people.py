"""Bylines and languages, in the ways they are written in the wild."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feeds import fields
from feeds.model import Entry, Person
from feeds.reading import read

URL = "https://news.example/feed"
RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>T</title>
  <item><title>One</title>{}</item>{}</channel></rss>"""
BROKEN = "<br a=b>"


def entry_of(markup: str, after: str = "") -> Entry:
    (entry,) = read(RSS.format(markup, after).encode(), url=URL).entries
    return entry


BYLINES = [
    ("<author>jane@x.example</author><dc:creator>Jane Doe</dc:creator>", [Person("Jane Doe")]),
    ("<author>jane@x.example</author>", []),
    ("<dc:creator>jane@x.example</dc:creator>", []),
    (
        '<author>"Doe, Jane" &lt;jane@x.example&gt;</author>',
        [Person("Doe, Jane", email="jane@x.example")],
    ),
    (
        "<dc:creator>Jane Doe &lt;jane@x.example&gt;</dc:creator>",
        [Person("Jane Doe", email="jane@x.example")],
    ),
    (
        "<author>jane@x.example (Jane &amp;amp; Co)</author>",
        [Person("Jane & Co", email="jane@x.example")],
    ),
    (
        '<dc:creator><![CDATA[<a href="https://x.example">Jane &amp; Co</a>]]></dc:creator>',
        [Person("Jane & Co")],
    ),
    ("<dc:creator>@jane@social.example</dc:creator>", [Person("@jane@social.example")]),
    ("<itunes:author>Pod Caster</itunes:author>", [Person("Pod Caster")]),
]


@pytest.mark.parametrize("after", ["", BROKEN], ids=["strict", "tolerant"])
@pytest.mark.parametrize(("markup", "people"), BYLINES)
def test_bylines(markup: str, people: list[Person], after: str) -> None:
    assert list(entry_of(markup, after).authors) == people


def test_the_podcast_author_counts_where_nobody_else_is_named() -> None:
    both = "<itunes:author>The House</itunes:author><dc:creator>Jane Doe</dc:creator>"
    assert entry_of(both).authors == (Person("Jane Doe"),)


def test_a_mail_address_is_no_name_in_atom_either() -> None:
    author = "<author><name>{}</name><email>jane@x.example</email></author>"
    document = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title>
      {author.format("jane@x.example")}{author.format("")}{author.format("Jane")}</entry></feed>"""
    (entry,) = read(document.encode(), url=URL).entries
    assert entry.authors == (Person("Jane", email="jane@x.example"),)


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"authors": {"name": "Jane"}}, ["Jane"]),
        ({"authors": ["Jane", {"name": "John"}]}, ["Jane", "John"]),
        ({"author": "Jane"}, ["Jane"]),
        ({"authors": "Jane"}, ["Jane"]),
        ({"authors": [{"name": "jane@x.example"}, 7], "author": {"name": "Jane"}}, ["Jane"]),
    ],
)
def test_authors_in_json(members: dict[str, Any], names: list[str]) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", **members}]}
    (entry,) = read(json.dumps(document).encode(), url=URL).entries
    assert [person.name for person in entry.authors] == names


LANGUAGES = [
    ("en", "en"),
    (" en_US ", "en-US"),
    ("zh-Hans-CN", "zh-Hans-CN"),
    ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
    ("es-419", "es-419"),
    ("de-CH-x-phonebk", "de-CH-x-phonebk"),
    ("en-a-bbb-x-a", "en-a-bbb-x-a"),
    ("English", None),
    ("en-us-", None),
    ("en US", None),
    ("e", None),
    ("", None),
    ("de_DE.UTF-8", None),
]


@pytest.mark.parametrize(("written", "tag"), LANGUAGES)
def test_languages_are_tags_or_nothing(written: str, tag: str | None) -> None:
    assert fields.language(written) == tag


@pytest.mark.parametrize(
    "document",
    [
        '<rss version="2.0"><channel><title>T</title><language>en_US</language></channel></rss>',
        f'<rss version="2.0"><channel><title>T</title><language>en_US</language>{BROKEN}</channel></rss>',
        '<rss xml:lang="en_US"><channel><title>T</title><language>English</language></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en_US"><title>T</title></feed>',
        '{"version": "https://jsonfeed.org/version/1.1", "language": "en_US", "items": []}',
    ],
)
def test_languages_as_read(document: str) -> None:
    assert read(document.encode(), url=URL).language == "en-US"
