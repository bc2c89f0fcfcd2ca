"""The linter: it finds nothing in what we write, and each rule in a document that breaks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from feeds.errors import NotAFeed
from feeds.linting import Severity, lint
from feeds.linting.rules import RULES
from feeds.model import Entry, Format
from feeds.writing import write
from tests.feeds import golden, strategies

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ATOM, RSS, JSON = Format.ATOM, Format.RSS, Format.JSON

# Of one change in a golden document of a format: what it says, what it says instead, what that breaks.
BROKEN = [
    ("plain", RSS, b'isPermaLink="false"', b'isPermaLink="true"', "InvalidHttpGUID"),
    ("plain", RSS, b'isPermaLink="false"', b'isPermaLink="no"', "InvalidPermalink"),
    ("plain", RSS, b"<guid ", b"<x:guid xmlns:x='urn:x' ", "SAXError"),
    ("plain", RSS, b"Fri, 20 Nov 2026 09", b"Mon, 20 Nov 2026 09", "IncorrectDOW"),
    ("plain", RSS, b"Fri, 20 Nov 2026 09", b"Friday 20 Nov 26 09", "ProblematicalRFC822Date"),
    ("plain", RSS, b"Fri, 20 Nov 2026 09", b"tomorrow", "InvalidRFC2822Date"),
    ("plain", RSS, b"20 Nov 2026 09", b"20 Nov 2027 09", "ImplausibleDate"),
    ("plain", RSS, b"<day>Sunday", b"<day>Sonntag", "EightDaysAWeek"),
    ("plain", RSS, b"<hour>3", b"<hour>24", "NotEnoughHoursInTheDay"),
    ("plain", RSS, b'rel="self"', b'rel="other"', "MissingAtomSelfLink UnregisteredAtomLinkRel"),
    ("plain", RSS, b'"https://courier.example/feeds/all"', b'"/feeds/all"', "RelativeSelf"),
    ("plain", RSS, b"<image>", b"<image><url>https://a.example/i.tiff</url><title>A</title><link>https://a.example"
     b"</link>", "ImageUrlFormat ImageTitleDoesntMatch ImageLinkDoesntMatch"),
    ("plain", RSS, b"<item>", b"<item/><ttl>5</ttl><item>",
     "ItemMustContainTitleOrDescription MissingGuid MisplacedItem"),
    ("plain", RSS, b"<item>", b"<textInput/><item>", "AvoidTextInput"),
    ("plain", RSS, b"<item>", b"<ttl>0</ttl><item>", "InvalidPositiveInteger DuplicateElement"),
    ("plain", RSS, b"</image>", b"<width>145</width><height>401</height></image>",
     "InvalidWidth InvalidHeight"),
    ("plain", RSS, b"daily", b"sometimes", "InvalidUpdatePeriod"),
    ("plain", RSS, b"<item>", b"<managingEditor>The desk</managingEditor><item>", "InvalidContact"),
    ("three_authors", RSS, b"<pubDate>", b"<author>ada@courier.example</author><pubDate>",
     "MissingRealName DuplicateItemSemantics"),
    ("three_authors", RSS, b"<pubDate>", b"<editor/><pubDate>", "UndefinedElement"),
    ("three_authors", RSS, b"<language>en", b"<language>English", "InvalidLanguage"),
    ("podcast", RSS, b"<pubDate>", b"<enclosure url='https://a.example/a' type='audio' /><pubDate>",
     "DuplicateEnclosure MissingAttribute InvalidMIMEAttribute"),
    ("podcast", RSS, b'fileSize="987654321"', b'fileSize="943 MB"', "InvalidIntegerAttribute"),
    ("follow_up", RSS, b"<media:content", b"<media:group/><media:content", "MediaGroupWithoutAlternatives"),
    ("follow_up", RSS, b"<title>What", b"<media:title>A</media:title><title>What", "MediaBeforeText"),
    ("follow_up", RSS, b"61.50000 5.02000", b"61.5, 5.02", "InvalidCoord"),
    ("follow_up", RSS, b"<title>What", b"<title>A &amp; B: what", "CharacterData"),
    ("follow_up", RSS, b"<title>What", b"<title>&#x3C;b>What&#x3C;/b>", "ContainsHTML"),
    ("follow_up", RSS, b"&lt;p&gt;", b"&lt;p onclick='a()' style='position:fixed'&gt;&lt;img src='a.png'/&gt;"
     b"&lt;script&gt;&lt;/script&gt;", "SecurityRisk DangerousStyleAttr ContainsRelRef"),
    ("follow_up", RSS, b"<dcterms:modified>2026-11-20", b"<dcterms:modified>20.11.2026", "InvalidW3CDTFDate"),
    ("follow_up", RSS, b"version=\"2.0\"", b"version=\"0.92\"", "ObsoleteVersion"),
    ("follow_up", RSS, b"http://search.yahoo.com/mrss/", b"http://search.yahoo.com/mrss", "ReservedPrefix"),
    ("follow_up", RSS, b"<description>A year later, both are open again.</description>", b"",
     "NeedDescriptionBeforeContent"),
    ("archive", RSS, b'rel="current"', b'rel="related"', "MissingCurrentInArchive"),
    ("archive", ATOM, b"<fh:archive/>", b"<fh:archive/><fh:complete/>",
     "ArchiveIncomplete FeedRelInCompleteFeed CurrentNotSelfInCompleteFeed"),
    ("archive", ATOM, b"<published>", b"<link rel='prev-archive' href='https://a.example/'/><published>",
     "FeedHistoryRelInEntry"),
    ("plain", ATOM, b'rel="self"', b'rel="via"', "MissingSelf"),
    ("plain", ATOM, b"<author>", b"<id>x</id><author>", "DuplicateElement InvalidURI"),
    ("correction", ATOM, b"tag:courier.example,2026:article/5", b"HTTP://Courier.example", "NonCanonicalURI"),
    ("correction", ATOM, b"article/5<", b"article/4<", "DuplicateIds"),
    ("correction", ATOM, b"2026-11-17T08:05:00Z", b"2026-11-15T09:00:00Z", "DuplicateUpdated"),
    ("correction", ATOM, b"2026-11-17T08:05:00Z", b"2026-11-17t08:05:00", "InvalidRFC3339Date"),
    ("correction", ATOM, b"<title>Lighthouse", b"<title>&lt;em>Light&lt;/em>house", "ContainsUndeclaredHTML"),
    ("correction", ATOM, b"<title>Lighthouse is", b"<title type='xhtml'>Lighthouse is", "MissingXhtmlDiv"),
    ("correction", ATOM, b'type="html"', b'type="xhtml"', "NotInline"),
    ("correction", ATOM, b'type="html"', b'type="CDATA"', "InvalidMIMEType"),
    ("correction", ATOM, b'type="html"', b'type="image/png"', "MissingSummary"),
    ("correction", ATOM, b"<published>", b"<link rel='alternate' type='text/html' href='https://a.example/'"
     b" xmlns:t='http://purl.org/syndication/thread/1.0' t:when='2026-11-22'/><published>",
     "DuplicateAtomLink NoThrWhen"),
    ("correction", ATOM, b"<published>", b"<link href='#top'/><published>", "SameDocumentReference"),
    ("correction", ATOM, b"<published>", b"<item/><published>", "UndefinedElement"),
    ("correction", ATOM, b"<title>Lighthouse is", b"<subject>Lighthouse is", "SAXError"),
    ("republished", ATOM, b"<source>", b"<source/><source>", "MissingSourceElement DuplicateElement"),
    ("tombstone", ATOM, b" when=", b" at=", "InvalidRFC3339Date"),
    ("plain", JSON, b"version/1.1", b"version/1", "ObsoleteVersion"),
    ("plain", JSON, b'"feed_url"', b'"feedUrl"', "UndefinedElement MissingSelf"),
    ("plain", JSON, b"/feeds/all?page=2", b"/feeds/all", "NextUrlLoops"),
    ("plain", JSON, b'"_feedwright"', b'"_feed.wright"', "InvalidExtension"),
    ("plain", JSON, b'"items": [', b'"items": [7,', "MissingElement"),
    ("plain", JSON, b'"content_html"', b'"html"', "UndefinedElement MissingElement"),
    ("plain", JSON, b'"home_page_url": "https', b'"home_page_url": "ftp', "InvalidFullLink"),
    ("plain", JSON, b"{", b"{{", "SAXError"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "right", "wrong", "ids"),
    BROKEN,
    ids=[f"{name} {kind} {ids}" for name, kind, _, _, ids in BROKEN],
)
def test_each_flaw_is_found(name: str, kind: Format, right: bytes, wrong: bytes, ids: str) -> None:
    document = golden.document(name, kind).read_bytes()
    assert right in document
    before, found = (
        {it.id for it in lint(it, now=NOW)} for it in (document, document.replace(right, wrong, 1))
    )
    assert set(ids.split()) <= found - before


def test_every_rule_is_broken_by_some_document() -> None:
    """The rest is broken below, or by what the readers refuse before."""
    told = {rule for *_, ids in BROKEN for rule in ids.split()}
    below = {
        "EncodingMismatch",
        "BadCharacters",
        "UnexpectedContentType",
        "NonSpecificMediaType",
        "AvoidNamespacePrefix",
        "SelfDoesntMatchLocation",
        "DuplicateEntries",
        "MissingAuthor",
        "MissingContentOrAlternate",
    }
    assert told | below == set(RULES)


@pytest.mark.parametrize(("name", "kind"), golden.DOCUMENTS)
def test_nothing_is_wrong_with_the_golden_documents(name: str, kind: Format) -> None:
    document = golden.document(name, kind).read_bytes()
    content_type = f"{kind.media_type}; charset=utf-8"
    found = lint(document, url=golden.feed(name).self_link, content_type=content_type, now=NOW)
    assert [it for it in found if it.severity is Severity.ERROR] == []
    assert {it.id for it in found} <= {"ContainsHTML", "ContainsUndeclaredHTML"}
    assert not found or name == "hostile_title"


@given(entries=strategies.several_entries)
@settings(max_examples=20)
def test_nothing_is_wrong_with_any_entries_that_are_written(entries: tuple[Entry, ...]) -> None:
    for kind in Format:
        document = write(replace(golden.COURIER, entries=entries), kind)
        assert [it for it in lint(document) if it.severity is Severity.ERROR] == []


def ids(document: bytes, **served: str) -> list[str]:
    return sorted({it.id for it in lint(document, now=NOW, **served)})


def test_what_http_says_is_checked() -> None:
    document = golden.document("plain", RSS).read_bytes()
    address = "https://courier.example/feeds/elsewhere"
    wrong = ids(document, url=address, content_type="text/html; charset=iso-8859-1")
    assert wrong == ["EncodingMismatch", "SelfDoesntMatchLocation", "UnexpectedContentType"]
    assert ids(document, content_type="text/xml") == ["NonSpecificMediaType"]


def test_what_no_other_document_breaks() -> None:
    entries = "".join(
        f"<a:entry><a:id>tag:a.example,2026:{number}</a:id><a:title>A</a:title>"
        f"<a:updated>2026-11-2{at}T10:00:00Z</a:updated></a:entry>"
        for at, number in enumerate((1, 1, 2))
    )
    document = (
        f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:id>tag:a.example,2026:0</a:id>"
        f"<a:title>A</a:title><a:updated>2026-11-22T10:00:00Z</a:updated>\x0b{entries}</a:feed>"
    )
    assert ids(document.encode()) == [
        "AvoidNamespacePrefix",
        "BadCharacters",
        "DuplicateEntries",
        "MissingAuthor",
        "MissingContentOrAlternate",
        "MissingSelf",
    ]


def test_a_finding_says_where_and_how_to_mend_it() -> None:
    document = golden.document("plain", RSS).read_bytes().replace(b"<guid ", b"\n\n<guid x='' ")
    (found,) = lint(document.replace(b'"false">tag', b'"true">tag', 1))
    line = document[: document.index(b"<guid")].count(b"\n") + 1
    assert found.where == f"line {line}, guid"
    assert found.message == (
        "the guid is said to be a permalink and is no URL: tag:courier.example,2026:article/1"
    )
    assert found.remedy == 'say isPermaLink="false"'


@pytest.mark.parametrize("document", [b"", b"<html></html>", b"<opml version='2.0'/>", b"text"])
def test_what_is_no_feed_is_refused(document: bytes) -> None:
    with pytest.raises(NotAFeed):
        lint(document)
