"""DED-14: documents that one small fault keeps from being XML lose nothing by it."""

from __future__ import annotations

import pytest

from feeds import loose
from feeds.model import Feed
from feeds.reading import read

URL = "https://news.example/feed"
WHOLE = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Fish</title><link>https://news.example/?a=1&amp;b=2</link><language>en</language>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="hub" href="https://hub2.example/"/>
<atom:link rel="prev-archive" href="https://news.example/1"/>
<at:deleted-entry ref="tag:1" when="2026-11-22T10:00:00Z"/>
<item xml:lang="fr"><guid>https://news.example/2</guid><title>{}</title>
<description><![CDATA[<p>Q&A &nbsp; &foo; </rss> &copy;</p>]]></description>
<media:content url="https://news.example/2.jpg" medium="image"><media:credit>Ann</media:credit>
</media:content></item></channel></rss>"""


def told(document: str) -> Feed:
    return read(document.encode(), url=URL)


FAULTS = {
    "a named entity": (WHOLE.format("Caf&eacute; &lt;3 &LT;"), "Café <3 <"),
    "an entity of two characters": (WHOLE.format("a&nbsp;&acE;b"), "a \u223e\u0333b"),
    "a bare ampersand": (WHOLE.format("Fish & chips &"), "Fish & chips &"),
    "an unknown entity": (WHOLE.format("&foo;"), "&foo;"),
    "an ampersand in an address": (WHOLE.replace("&amp;b", "&b").format("x"), "x"),
    "junk after the end": (WHOLE.format("x") + "\n<!-- cached --><script>1 & 2</script>", "x"),
    "a second document": (WHOLE.format("x") + WHOLE.format("y"), "x"),
    "a warning before": (
        "<br />\n<b>Warning</b>: x <?xml version='1.0'?>" + WHOLE.format("x"),
        "x",
    ),
}


@pytest.mark.parametrize(("document", "title"), FAULTS.values(), ids=FAULTS)
def test_a_document_with_one_fault_is_read_whole(document: str, title: str) -> None:
    found, sound = told(document), told(WHOLE.format("x"))
    assert found.entries[0].title == title
    assert (found.tombstones, found.hubs) == (sound.tombstones, sound.hubs)
    assert found.previous_archive == "https://news.example/1"
    assert found.link == "https://news.example/?a=1&b=2"
    assert found.entries[0].language == "fr"
    assert found.entries[0].media == sound.entries[0].media
    assert found.entries[0].content == "<p>Q&A &nbsp; &foo; </rss> &copy;</p>"
    assert not found.truncated
    assert len(found.problems) == 1
    assert found.problems[0].startswith("not well-formed, repaired: ")


def test_what_precedes_the_feed_declares_nothing() -> None:
    junk = '<br/><!DOCTYPE r [<!ENTITY a "b">]>'
    assert told(junk + WHOLE.format("&a;")).entries[0].title == "&a;"


def test_a_document_beyond_repair_is_guessed_at() -> None:
    found = told("<br />Warning" + WHOLE.format("<b>x</title>"))
    assert found.problems[0].startswith("not well-formed: ")
    assert not found.truncated


@pytest.mark.parametrize(
    ("markup", "truncated"),
    [
        ("<br /><b>Warning</b><rss><channel></channel></rss>", False),
        ("<br /><b>Warning</b><rss><channel></channel>", True),
        ("<rss><![CDATA[</rss>]]>", True),
        ("<a:feed></a:feed>", False),
        ("<a:feed></feed>", True),
        ("", True),
    ],
)
def test_a_document_is_truncated_when_its_feed_does_not_end(markup: str, truncated: bool) -> None:
    assert loose.is_truncated(markup) is truncated
