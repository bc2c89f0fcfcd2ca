"""The XML namespaces of feeds, by the prefix that each goes under here."""

from __future__ import annotations

IRIS = {
    "at": "http://purl.org/atompub/tombstones/1.0",  # RFC 6721
    "atom": "http://www.w3.org/2005/Atom",  # RFC 4287
    "content": "http://purl.org/rss/1.0/modules/content/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "fh": "http://purl.org/syndication/history/1.0",  # RFC 5005
    "georss": "http://www.georss.org/georss",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rsl": "https://rslstandard.org/rsl",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",  # RFC 4685
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
