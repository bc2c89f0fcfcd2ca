"""What is written: the golden documents, the rules of the formats, and the same bytes everywhere."""

from __future__ import annotations

import json
import locale
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import etree
from msgspec.structs import replace

from feeds.errors import UnwritableFeed
from feeds.linting import Severity, lint
from feeds.model import Entry, Feed, Format, License, Media, Origin, Person, Tombstone
from feeds.writing import write
from tests.feeds import golden, schemas
from tests.feeds.golden import COURIER, at

ATOM = "{http://www.w3.org/2005/Atom}"
RSS = {
    "atom": "http://www.w3.org/2005/Atom",
    "cc": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
CHECKS = {
    Format.ATOM: schemas.atom_errors,
    Format.RSS: lambda document: [it.id for it in lint(document) if it.severity is Severity.ERROR],
    Format.JSON: schemas.json_errors,
}
REGISTERED_RELATIONS = """alternate current enclosure hub license next next-archive prev-archive replies
    self via"""


@pytest.mark.parametrize(("name", "kind"), golden.DOCUMENTS)
def test_a_golden_feed_gives_its_document(name: str, kind: Format) -> None:
    document = golden.document(name, kind)
    assert document.exists(), "run `python -m tests.feeds.regenerate` and read what it writes"
    assert write(golden.feed(name), kind).decode() == document.read_bytes().decode()


@pytest.mark.parametrize(("name", "kind"), golden.DOCUMENTS)
def test_a_golden_document_is_valid(name: str, kind: Format) -> None:
    assert CHECKS[kind](golden.document(name, kind).read_bytes()) == []


@pytest.mark.parametrize(("kind", "root"), [(Format.ATOM, b"<feed "), (Format.RSS, b"<rss ")])
@pytest.mark.parametrize("name", golden.NAMES)
def test_namespaces_are_declared_on_the_root(name: str, kind: Format, root: bytes) -> None:
    """RSS-21, RSS-23."""
    document = golden.document(name, kind).read_bytes()
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n" + root)
    assert document.count(b"xmlns") == document.partition(b">\n  <")[0].count(b"xmlns")


@pytest.mark.parametrize("name", golden.NAMES)
def test_atom_says_each_thing_once(name: str) -> None:
    """ATM-15, ATM-16, ID-13."""
    document = golden.document(name, Format.ATOM).read_bytes()
    root = etree.fromstring(document)
    assert None in root.nsmap  # the Atom namespace has no prefix
    ids = [it.text for it in root.iterfind("{*}entry/{*}id")]
    assert len(set(ids)) == len(ids)
    assert {it.get("rel") for it in root.iter(ATOM + "link")} <= set(REGISTERED_RELATIONS.split())
    assert len(root.findall("{*}link[@rel='self']")) == 1
    for entry in root.iterfind("{*}entry"):
        assert len(entry.findall("{*}link[@rel='alternate']")) <= 1


@pytest.mark.parametrize("name", golden.NAMES)
def test_json_extras_stand_in_objects_of_ours(name: str) -> None:
    document = json.loads(golden.document(name, Format.JSON).read_bytes())
    for member in (document, *document["items"]):
        extras = member.get("_feedwright", {"about": COURIER.docs})
        assert extras["about"] == COURIER.docs


# The same bytes


def _golden_documents() -> list[bytes]:
    return [write(golden.feed(name), kind) for name, kind in golden.DOCUMENTS]


def test_threads_write_the_same_and_leave_the_locale_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def switched(category: int, wanted: str | None = None) -> str:
        raise AssertionError(f"the locale was touched: {category}, {wanted}")

    monkeypatch.setattr(locale, "setlocale", switched)
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(_golden_documents) for _ in range(8)]
    written = [golden.document(name, kind).read_bytes() for name, kind in golden.DOCUMENTS]
    assert all(run.result() == written for run in runs)


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "2"},
    ],
)
def test_another_process_writes_the_same(environment: dict[str, str]) -> None:
    program = (
        "from feeds.writing import write; from tests.feeds import golden\n"
        "for name, kind in golden.DOCUMENTS:\n"
        "    written = golden.document(name, kind).read_bytes()\n"
        "    assert write(golden.feed(name), kind) == written, (name, kind)\n"
    )
    subprocess.run([sys.executable, "-c", program], env=os.environ | environment, check=True)


# What a format demands


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (Format.ATOM, "id"),
        (Format.ATOM, "title"),
        (Format.ATOM, "updated"),
        (Format.RSS, "title"),
        (Format.RSS, "link"),
        (Format.JSON, "title"),
        (Format.JSON, "link"),
        (Format.JSON, "self_link"),
    ],
)
@pytest.mark.parametrize("nothing", [None, "", " \n", "\x00\ud800"])
def test_a_feed_without_what_its_format_demands_is_not_written(
    kind: Format, missing: str, nothing: str | None
) -> None:
    lacking: dict[str, Any] = {missing: None if missing == "updated" else nothing}
    with pytest.raises(UnwritableFeed, match=rf"{kind.label} demands .*: {missing}$"):
        write(replace(COURIER, **lacking), kind)


def test_a_feed_without_a_date_takes_that_of_its_newest_entry_or_tombstone() -> None:
    entries = (
        Entry("tag:a.example,2026:1", published=at(2)),
        Entry("tag:a.example,2026:2", published=at(1), updated=at(3)),
    )
    feed = replace(COURIER, updated=None, entries=entries)
    assert _updated(feed) == "2026-11-03T09:00:00Z"
    feed = replace(feed, tombstones=(Tombstone("tag:a.example,2026:3", at(4)),))
    assert _updated(feed) == "2026-11-04T09:00:00Z"


def _updated(feed: Feed) -> str | None:
    return etree.fromstring(write(feed, Format.ATOM)).findtext(ATOM + "updated")


def test_the_least_that_a_feed_may_be() -> None:
    atom = write(Feed(id="tag:a.example,2026:a", title="A", updated=at(1)), Format.ATOM)
    assert schemas.atom_errors(atom) == []
    rss = write(Feed(title="A", link="https://a.example/"), Format.RSS)
    assert [it.id for it in lint(rss)] == ["MissingAtomSelfLink"]
    page, address = "https://a.example/", "https://a.example/feed"
    assert (
        schemas.json_errors(write(Feed(title="A", link=page, self_link=address), Format.JSON)) == []
    )


@pytest.mark.parametrize("kind", Format)
def test_an_entry_that_cannot_be_told_from_others_is_left_out(kind: Format) -> None:
    kept = Entry("tag:a.example,2026:1", "Kept", updated=at(2))
    others = (Entry(None, "No id"), Entry(" "), replace(kept, title="An older revision"))
    feed = replace(COURIER, entries=(kept, *others))
    assert write(feed, kind) == write(replace(COURIER, entries=(kept,)), kind)


@pytest.mark.parametrize("kind", Format)
def test_values_of_the_wrong_form_are_left_out(kind: Format) -> None:
    broken = Entry(
        "tag:a.example,2026:1",
        "One",
        authors=(Person("Ada", email="not a mail address"), Person("\x00")),
        media=(Media("https://media.example/a", type="audio"), Media("")),
        license=License(""),
        origin=Origin(),
        language="not a language",
    )
    mended = replace(
        broken,
        authors=(Person("Ada"),),
        media=(Media("https://media.example/a"),),
        license=None,
        origin=None,
        language=None,
    )
    assert write(replace(COURIER, language="?", entries=(broken,)), kind) == write(
        replace(COURIER, language=None, entries=(mended,)), kind
    )


# Single rules


def _item(entry: Entry, feed: Feed = COURIER) -> etree._Element:
    item = etree.fromstring(write(replace(feed, entries=(entry,)), Format.RSS)).find("channel/item")
    assert item is not None
    return item


def test_ampersand_and_less_than_in_rss_titles_are_hexadecimal_references() -> None:
    """RSS-13."""
    document = write(golden.feed("hostile_title"), Format.RSS)
    assert b"<title>Q&#x26;A &#x3C; News ]]&gt;</title>" in document
    assert b"<title>R&#x26;D: 1 &#x3C; 2 " in document


@pytest.mark.parametrize(
    ("entry_id", "link", "permalink"),
    [
        ("https://a.example/1", "https://a.example/1", "true"),
        ("https://a.example/?p=1", "https://a.example/1", "false"),
        ("https://a.example/1", None, "false"),
        ("tag:a.example,2026:1", "tag:a.example,2026:1", "false"),
    ],
)
def test_a_guid_is_a_permalink_when_it_is_the_page(
    entry_id: str, link: str | None, permalink: str
) -> None:
    guid = _item(Entry(entry_id, "One", link)).find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (entry_id, permalink)


def test_an_rss_byline_is_one_creator_each_and_never_an_author() -> None:
    """RSS-06, RSS-07."""
    item = _item(golden.feed("three_authors").entries[0])
    names = ["Tidal Institute", "Ada Merrow", "Bo Lindqvist"]
    assert [it.text for it in item.iterfind("dc:creator", RSS)] == names
    assert item.find("author") is None


@pytest.mark.parametrize(
    ("seconds", "period", "frequency"),
    [
        (900, "hourly", "4"),
        (3600, "hourly", "1"),
        (7200, "daily", "12"),
        (18000, "daily", "4"),  # a fifth time would be more often than every five hours
        (86400, "daily", "1"),
        (10**9, "yearly", "1"),
    ],
)
def test_update_seconds_become_a_period_and_a_frequency(
    seconds: int, period: str, frequency: str
) -> None:
    root = etree.fromstring(write(replace(COURIER, update_seconds=seconds), Format.RSS))
    assert root.findtext("channel/sy:updatePeriod", namespaces=RSS) == period
    assert root.findtext("channel/sy:updateFrequency", namespaces=RSS) == frequency


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", True),
        ("HTTP://www.CreativeCommons.org/publicdomain/zero/1.0/", True),
        ("https://creativecommons.org.example/licenses/by/4.0/", False),
        ("https://license.example/?creativecommons.org/", False),
    ],
)
def test_a_creative_commons_license_is_said_in_its_own_element_too(uri: str, said: bool) -> None:
    item = _item(Entry("tag:a.example,2026:1", "One", license=License(uri, "A license")))
    assert item.findtext("cc:license", namespaces=RSS) == (uri if said else None)
    assert [it.get("href") for it in item.iterfind("atom:link[@rel='license']", RSS)] == [uri]


@pytest.mark.parametrize("name", golden.NAMES)
def test_all_dates_of_a_document_are_spelled_alike(name: str) -> None:
    document = golden.document(name, Format.ATOM).read_bytes()
    assert b":00Z<" in document
    assert b"+00:00" not in document


def test_next_url_is_never_the_feed_itself() -> None:
    feed = replace(COURIER, next_page=COURIER.self_link)
    assert "next_url" not in json.loads(write(feed, Format.JSON))


def test_nothing_of_the_library_that_builds_the_skeleton_shows() -> None:
    feed = replace(COURIER, generator=None)
    for kind in Format:
        assert b"feedgen" not in write(feed, kind)
        assert b"rssboard" not in write(feed, kind)


def test_a_style_sheet_is_named_before_the_root_and_changes_nothing_else() -> None:
    feed = golden.feed("plain")
    styled = replace(feed, stylesheet='/feeds.css?a=1&b="')
    named = b'<?xml-stylesheet type="text/css" href="/feeds.css?a=1&amp;b=&quot;"?>\n'
    for kind in (Format.ATOM, Format.RSS):
        declaration, root = write(feed, kind).split(b"\n", 1)
        assert write(styled, kind) == declaration + b"\n" + named + root
    assert write(styled, Format.JSON) == write(feed, Format.JSON)
