"""Documents made to hurt: each ends in the documented error or in a bounded feed, and soon."""

from __future__ import annotations

from time import process_time

import pytest

from feeds import fields
from feeds.errors import FeedError, ForbiddenMarkup, NotAFeed
from feeds.model import Feed
from feeds.reading import read

URL = "https://news.example/feed"
SECONDS = 2.0  # of processor time; alone, each takes less than one
HEAD = b'<rss version="2.0"><channel><title>x</title>'
TAIL = b"</channel></rss>"
MILLION = 1_000_000

_LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + "<rss version='2.0'>&b;</rss>"
)
_CHAIN = "".join(f'<!ENTITY e{n} "&e{n + 1};">' for n in range(50_000))


def numbered(pattern: bytes, count: int, joint: bytes = b"") -> bytes:
    return joint.join([pattern] * count) % tuple(range(count))


def item(content: bytes) -> bytes:
    return HEAD + b"<item>" + content + b"</item>" + TAIL


FORBIDDEN = {
    "billion laughs": _LAUGHS.encode(),
    "in UTF-16": _LAUGHS.encode("utf-16"),
    "in UTF-16 without mark": _LAUGHS.encode("utf-16-be"),
    "in UTF-32": _LAUGHS.encode("utf-32"),
    "chained entities": b"<!DOCTYPE r ["
    + _CHAIN.encode()
    + b"]><rss><channel>&e0;</channel></rss>",
    "chained, not well-formed": b"<!DOCTYPE r [" + _CHAIN.encode() + b"]><rss>&nbsp;&e0;<br></rss>",
    "external entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
    "parameter entity": b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://x.example/">%x;]><rss/>',
    "empty subset": b"<!DOCTYPE r []><rss/>",
    "lower case": b'<!doctype r [<!entity x "y">]><rss>&x;</rss>',
    "after a decoy": b'<!-- <rss> --><?a <rss> ?><!DOCTYPE r [<!ENTITY x "y">]><rss>&x;</rss>',
    "after text": b'junk <!DOCTYPE r [<!ENTITY x "y">]><rss version="2.0">&x;</rss>',
    "quoted bracket": b"<!DOCTYPE r SYSTEM \">\" [<!ENTITY x 'y'>]><rss>&x;</rss>",
    "without doctype": b'<!ENTITY x "y"><rss>&x;</rss>',
    "endless doctype": b"<!DOCTYPE " + b"'\"" * 300_000,
    "endless comments": b"<!--" * 100_000,
    "200,000 deep": b"<rss>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</rss>",
    "deep, not well-formed": HEAD + b"<br>" + b"<a>" * 200_000,
    "100,000 attributes": b"<rss " + numbered(b'a%d=">"', 100_000, b" ") + b"/>",
    "attributes, not well-formed": b"<rss " + numbered(b"a%d='1'", 100_000, b" ") + b">&nbsp;",
    "attributes without values": b"<rss " + numbered(b"a%d", 100_000, b" ") + b">",
    "100,000 namespaces": b"<rss " + numbered(b'xmlns:a%d="u"', 100_000, b" ") + b"/>",
    "a million elements": HEAD + b"<a/>" * MILLION + TAIL,
    "a text of 11 MB": item(b"a" * 11 * MILLION),
    "10,000 terms, not well-formed": item(numbered(b"<category>%d</category>", 10_000) + b"<br>"),
    "quotes in quotes": b"<a b=\"<a b='" * 50_000,
    "comments without end": HEAD + b"&<!--" * 100_000,
    "ends without end": HEAD + b"&</rss " * 100_000,
    "feeds in feeds": b"<br>" + b"<rss>&" * 100_000,
    "nested JSON": b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 200_000,
}
NO_FEED = {
    "nothing": b"",
    "blanks": b" \r\n\t",
    "a byte order mark": b"\xef\xbb\xbf",
    "zeros": b"\0" * 100_000,
    "text": b"Service unavailable",
    "a page": b"<!DOCTYPE html><html><head><title>Home</title></head><body><p>Hi</body></html>",
    "a page in XHTML": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "a page about feeds": b'<html xmlns:a="http://www.w3.org/2005/Atom"><br><rss version="2.0"></html>',
    "a page without html": b"<!doctype html><title>Home</title><p>Hi",
    "a page in a document type": b'<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN"\n"x"><HTML></HTML>',
    "UTF-7": b'<?xml version="1.0" encoding="utf-7"?>+ADw-rss+AD4-',
    "JSON, no feed": b'{"error": "not found"}',
    "a JSON list": b"[1, 2]",
    "an outline": b'<opml version="2.0"><head/><body/></opml>',
    "a site map": b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>',
    "RSS without a channel": b'<rss version="2.0"/>',
    "RDF without a channel": b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    "instructions without end": b"<?" * 300_000,
    "marks": b"<" * 300_000,
}
BOUNDED = {
    "not well-formed at all": HEAD + b"&" * 100_000,
    "CDATA in CDATA": HEAD + b"<item><title>" + b"<![CDATA[" * 40_000,
    "100,000 terms": item(numbered(b"<category>%d</category>", 100_000)),
    "100,000 authors": item(numbered(b"<author>%d</author>", 100_000)),
    "a byline of a million letters": item(b"<author>" + b"a" * MILLION + b"</author><br>"),
    "a byline of mails": item(b"<author>" + b"a@" * (MILLION // 2) + b"</author><br>"),
    "a byline in parts": item(b"<author><b>" + b"a" * MILLION + b"</b></author><br>"),
    "100,000 keywords": item(
        b"<media:keywords>" + numbered(b"%d", 100_000, b",") + b"</media:keywords>"
    ),
    "long everything": item(
        b"<title>"
        + b"t" * MILLION
        + b"</title><description>"
        + b"&lt;p&gt;" * 150_000
        + b"</description>"
        b"<guid>" + b"g" * MILLION + b"</guid><link>http://x.example/" + b"l" * MILLION + b"</link>"
        b"<pubDate>" + b"1" * MILLION + b"</pubDate><author>" + b"a" * MILLION + b"</author>"
        b"<enclosure url='http://x.example/e' length='" + b"9" * MILLION + b"'/>"
    ),
    "a title of tags": item(b"<title>" + b"&lt;b" * 250_000 + b"</title>"),
    "10,000 terms, repaired": item(numbered(b"<category>%d</category>", 10_000) + b"&nbsp;"),
    "ampersands in CDATA": HEAD + b"<![CDATA[&" * 100_000 + b"&",
    "an entity that nobody declared": item(b"<title>&a;</title>"),
    "a document type too late": HEAD + b'<!DOCTYPE r [<!ENTITY a "b">]><item></item>' + TAIL,
    "a character beyond all": item(b"<title>a&#99999999999999999999;&nbsp;b</title>"),
}


def timed(body: bytes) -> Feed:
    before = process_time()
    try:
        return read(body, url=URL)
    finally:
        assert process_time() - before < SECONDS


@pytest.mark.parametrize("body", FORBIDDEN.values(), ids=FORBIDDEN)
def test_markup_that_is_refused(body: bytes) -> None:
    with pytest.raises(ForbiddenMarkup):
        timed(body)


@pytest.mark.parametrize("body", NO_FEED.values(), ids=NO_FEED)
def test_what_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        timed(body)


def test_a_login_page_is_called_by_its_name() -> None:
    page = b"\n<HTML><HEAD><TITLE>Sign in &amp; go on</TITLE></HEAD><FORM></FORM></HTML>"
    with pytest.raises(NotAFeed, match="“Sign in & go on”"):
        read(page, url=URL, content_type="application/rss+xml")


@pytest.mark.parametrize("body", BOUNDED.values(), ids=BOUNDED)
def test_what_is_read_is_bounded(body: bytes) -> None:
    for entry in timed(body).entries:
        assert len(entry.title or "") <= fields.TITLE
        assert len(entry.content or "") <= fields.HTML
        assert len(entry.id or "") <= fields.ID
        assert len(entry.link or "") <= fields.URL
        assert len(entry.published_raw or "") <= fields.NAME
        assert len(entry.authors) <= fields.MANY
        assert len(entry.categories) <= fields.MANY
        assert all(len(person.name) <= fields.NAME for person in entry.authors)
        assert all((media.length or 0) < 10**15 for media in entry.media)


def test_an_id_or_address_that_is_too_long_is_dropped_not_cut() -> None:
    (entry,) = read(BOUNDED["long everything"], url=URL).entries
    assert (entry.id, entry.link) == (None, None)
    assert entry.title == "t" * fields.TITLE


def test_no_entity_is_ever_replaced_by_what_a_document_says() -> None:
    late = b'<!DOCTYPE r [<!ENTITY a "b">]><item><title>&nbsp;&a;</title></item>'
    (entry,) = read(HEAD + late + TAIL, url=URL).entries
    assert entry.title == "&a;"


def test_time_grows_with_the_size_and_no_faster() -> None:
    def seconds(size: int) -> float:
        byline = b"<author>" + b"a.b@" * size + b"</author>"
        before = process_time()
        read(item(byline + b"<br>" + b"<b a='" * (size // 50)), url=URL)
        return process_time() - before

    seconds(1000)
    assert seconds(200_000) < 20 * max(seconds(20_000), 0.005)


def test_all_errors_are_of_one_tree() -> None:
    assert issubclass(NotAFeed, FeedError)
    assert issubclass(ForbiddenMarkup, FeedError)
