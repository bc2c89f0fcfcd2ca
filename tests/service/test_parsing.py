"""The seam behind which documents are read."""

from __future__ import annotations

import pytest

from feeds.errors import NotAFeed
from feeds.reading import read
from service.parsing import Parser

FEED = b"""<rss version="2.0"><channel><title>Lantern</title><link>https://lantern.example/</link>
<description>News</description><item><guid>1</guid><title>One</title></item></channel></rss>"""
ASKED = {"url": "https://lantern.example/feed", "content_type": "application/rss+xml"}


def test_reads_as_feeds_does():
    parser = Parser()
    feed = parser.read(FEED, **ASKED, known=frozenset())
    assert feed == read(FEED, **ASKED)
    digest = feed.entries[0].raw_digest
    assert parser.read(FEED, **ASKED, known={digest}).unchanged == (digest,)
    parser.close()


def test_tells_what_is_no_feed():
    with pytest.raises(NotAFeed):
        Parser().read(b"<html></html>", **ASKED, known=frozenset())
