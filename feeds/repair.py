"""Markup that one of the usual faults keeps from being XML, as the XML that was meant."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

CDATA = r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+"  # as a pattern, up to its end
_COMMENT = r"<!--(?:[^-]++|-(?!->))*+"
_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?(?:rss|feed|entry|rdf))(?=[\s/>])", re.IGNORECASE)
_AMPERSAND = re.compile(rf"{CDATA}|&(?:#[0-9]++;|#x[0-9A-Fa-f]++;|([A-Za-z][A-Za-z0-9]*+;))?")
_OF_XML = frozenset({"amp;", "apos;", "gt;", "lt;", "quot;"})


def from_root(markup: str) -> str:
    """The markup from the root of the feed on, or all of it when it holds no feed that has a name."""
    root = _ROOT.search(markup)
    return markup[root.start() :] if root else markup


def end_of_root(markup: str) -> int | None:
    """Where the end tag of the first element ends, outside of CDATA; None when it does not end."""
    root = re.match(r"<([^\s<>/]++)", markup)
    if root is None:
        return None
    ends = re.finditer(rf"{CDATA}|{_COMMENT}|(</{re.escape(root[1])}\s*+>)", markup)
    return next((end.end() for end in ends if end[1]), None)


def repaired(markup: str) -> str:
    """The feed alone, without what stands before and after it; the named entities of HTML as characters,
    and ampersands that begin nothing as such.
    """
    feed = from_root(markup)
    return _AMPERSAND.sub(_reference, feed[: end_of_root(feed)])


def _reference(found: re.Match[str]) -> str:
    written, name = found[0], found[1]
    if written == "&" or (name and name not in _OF_XML and name not in html5):
        return "&amp;" + written[1:]
    return escape(html5[name]) if name and name not in _OF_XML else written
