"""read(): each NAME.xml of tests/data/reading gives the feed in NAME.expected.json."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from feeds import dates, tolerant
from feeds.model import Feed
from feeds.reading import read

DATA = Path(__file__).parents[1] / "data" / "reading"
URL = "https://news.example/feeds/feed"
FIXTURES = sorted(path.stem for path in DATA.glob("*.xml"))

RSS = b"""<rss version="2.0"><channel><title>News</title><link>https://news.example/</link>%s
<item><title>One</title><guid>https://news.example/1</guid></item>
<item><title>Two</title><guid>https://news.example/2</guid></item></channel></rss>"""


def fixture(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def told(value: Any) -> Any:
    """The value as plain data: what a field has by default, and markup, is left out."""
    if isinstance(value, Struct):
        names = value.__struct_fields__
        usual = dict(zip(reversed(names), reversed(value.__struct_defaults__), strict=False))
        return {
            name: told(held)
            for name in names
            if (held := getattr(value, name)) not in (usual.get(name, ...), URL)
            and name not in ("raw", "raw_digest")
        }
    if isinstance(value, tuple):
        return [told(item) for item in value]
    return dates.rfc3339(value) if isinstance(value, datetime) else value


WELL_FORMED = [name for name in FIXTURES if not read(fixture(name), url=URL).problems]


@pytest.mark.parametrize("name", FIXTURES)
def test_a_document_reads_as_its_fixture_says(name: str) -> None:
    expected = json.loads((DATA / f"{name}.expected.json").read_text())
    assert told(read(fixture(name), url=URL)) == expected


def test_every_expectation_has_its_document() -> None:
    assert {path.name for path in DATA.glob("*.expected.json")} == {
        f"{name}.expected.json" for name in FIXTURES
    }


# --- what was known before ----------------------------------------------------------------------------


def test_an_entry_carries_its_own_markup() -> None:
    first, second = read(RSS % b"", url=URL).entries
    assert first.raw == "<item><title>One</title><guid>https://news.example/1</guid></item>"
    assert first.raw_digest != second.raw_digest


@pytest.mark.parametrize("name", WELL_FORMED)
def test_known_entries_are_passed_over(name: str) -> None:
    feed = read(fixture(name), url=URL)
    known = [entry.raw_digest for entry in feed.entries]
    again = read(fixture(name), url=URL, known=set(known[1:]))
    assert again.entries == feed.entries[:1]
    assert again.unchanged == tuple(known[1:])
    assert replace(again, entries=()) == replace(feed, entries=())


def test_a_change_of_what_entries_inherit_makes_all_of_them_new() -> None:
    known = {entry.raw_digest for entry in read(RSS % b"", url=URL).entries}
    changed = RSS % b"<copyright>Somebody else</copyright>"
    assert len(read(RSS % b"<ttl>5</ttl>", url=URL, known=known).unchanged) == 2
    assert len(read(changed, url=URL, known=known).entries) == 2
    assert len(read(RSS % b"", url="https://moved.example/", known=known).entries) == 2


def test_comments_change_no_digest() -> None:
    known = {entry.raw_digest for entry in read(RSS % b"", url=URL).entries}
    commented = (RSS % b"").replace(b"<title>One", b"<!-- at 10:00 --><title>One")
    assert len(read(commented, url=URL, known=known).unchanged) == 2


# --- where the document came from ---------------------------------------------------------------------

NOWHERE = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>N</title>
<link>https://home.example/news/</link>%s<item><title>One</title><link>one</link></item></channel></rss>"""


@pytest.mark.parametrize(
    ("url", "head", "link"),
    [
        ("https://final.example/feed", "", "https://final.example/one"),
        (
            "",
            '<atom:link rel="self" href="https://self.example/a/feed"/>',
            "https://self.example/a/one",
        ),
        ("", "", "https://home.example/news/one"),
        (
            "file:///tmp/feed",
            '<atom:link rel="self" href="feed"/>',
            "https://home.example/news/one",
        ),
    ],
    ids=["final response", "self link", "channel link", "no web address"],
)
def test_relative_addresses_resolve_in_a_fixed_order(url: str, head: str, link: str) -> None:
    (entry,) = read((NOWHERE % head).encode(), url=url).entries
    assert entry.link == link


def test_json_goes_to_its_own_reader() -> None:
    item = {"id": 7, "content_text": "x", "author": {"name": "A"}, "authors": [{"name": "B"}]}
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [item, {"content_text": "no id"}],
    }
    feed = read(b"\xef\xbb\xbf " + json.dumps(document).encode(), url=URL)
    (entry,) = feed.entries
    assert (feed.dialect, entry.id) == ("json11", "7")
    assert [person.name for person in entry.authors] == ["B"]


# --- the two readers against each other ---------------------------------------------------------------

# What feedparser gets right, told by its own hand or with its known mistakes undone. Not in the list:
# media (it keeps no captions), skipHours, skipDays, tombstones and history, titles of licenses, hubs after
# the first, languages of entries, bases, xml:base on links, several spellings of one person.
HEAD = ("id", "title", "subtitle", "link", "rights", "editor", "generator", "dialect")
ENTRY = (
    "id",
    "title",
    "link",
    "authors",
    "contributors",
    "published_raw",
    "updated_raw",
    "summary",
    "content",
    "categories",
    "rights",
)
# And where it does not, though the field is listed.
BUT = {
    # It resolves ids against xml:base, and takes an empty reference for the base itself.
    "atom-base-and-language": {"id", "link", "entry id"},
    # It keeps two entries of one person, and does not know relations spelt in full.
    "atom-odd": {"link", "entry authors"},
    # It closes what HTML leaves open, and takes content out of line for none.
    "atom-text-constructs": {"entry content", "entry link"},
    "rss20-markup-in-place": {"entry content"},
    # It takes dc:date for an update, and does not look at rdf:about of a channel.
    "rdf10-full": {"id", "entry published_raw", "entry updated_raw"},
    "rss20-dates": {"entry published_raw", "entry updated_raw"},
    # It keeps the order of all kinds of authors, and two entries of one person.
    "rss20-authors": {"entry authors"},
    # "TRUE" is not true to it.
    "rss20-permalinks": {"entry link"},
}


def both(name: str) -> tuple[Feed, Feed]:
    markup = fixture(name).decode()
    start = re.search(r"<(?:\w+:)?(?:rss|feed|entry|RDF)\b", markup)
    assert start
    guessed = tolerant.read(markup[start.start() :], url=URL, problem="compared")
    return read(fixture(name), url=URL), guessed


def differences(name: str) -> set[str]:
    exact, guessed = both(name)
    heads = {key for key in HEAD if getattr(exact, key) != getattr(guessed, key)}
    return heads | {
        f"entry {key}"
        for key in ENTRY
        for one, other in zip(exact.entries, guessed.entries, strict=True)
        if getattr(one, key) != getattr(other, key)
    }


@pytest.mark.parametrize("name", WELL_FORMED)
def test_strict_and_tolerant_agree(name: str) -> None:
    assert differences(name) == BUT.get(name, set())
