"""XML elements as the strict readers see them: by short names, each with the base in force (XML Base)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from lxml import etree

from feeds import dates, fields
from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# RSS itself goes without prefix: its elements are in no namespace in 0.91 to 2.0 (some publishers give
# 2.0 one all the same), in these in 0.90 and 1.0.
_RSS = (
    "",
    "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/rss/1.0/",
)
_PREFIXES = {
    **dict.fromkeys(_RSS, ""),
    **{iri: f"{prefix}:" for prefix, iri in IRIS.items()},
    "http://creativecommons.org/ns#": "cc:",
    "http://web.resource.org/cc/": "cc:",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "creativeCommons:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/DTDs/Podcast-1.0.dtd": "itunes:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
}
_BASE = f"{{{IRIS['xml']}}}base"
_LANGUAGE = f"{{{IRIS['xml']}}}lang"
_RDF = f"{{{IRIS['rdf']}}}"


@dataclass(frozen=True, slots=True)
class Node:
    """An element, and its children by short name ("title", "dc:creator")."""

    element: etree._Element
    base: str  # "" when none is known
    children: Mapping[str, list[etree._Element]]

    @property
    def name(self) -> str:
        """The element's own short name."""
        return _short(self.element.tag)

    @property
    def language(self) -> str | None:
        """Its own xml:lang (RFC 4287 section 2)."""
        return fields.language(self.element.get(_LANGUAGE))

    @property
    def value(self) -> str:
        """All text in the element, as written."""
        element = self.element
        return "".join(map(str, element.itertext())) if len(element) else element.text or ""

    def each(self, *names: str) -> Iterator[Node]:
        """The children of these names: all of the first name, then all of the second."""
        for name in names:
            for element in self.children.get(name, ()):
                yield node(element, self.base)

    def first(self, *names: str) -> Node | None:
        """The first child of the first of these names that there is."""
        found = next(filter(None, map(self.children.get, names)), None)
        return node(found[0], self.base) if found else None

    def line(self, *names: str, limit: int = fields.NAME) -> str | None:
        """The text of the first such child that has any, on one line."""
        lines = (fields.line(child.value, limit) for child in self.each(*names))
        return next(filter(None, lines), None)

    def tag(self, *names: str) -> str | None:
        """The language tag in the first such child that holds one."""
        return next(filter(None, (fields.language(it.value) for it in self.each(*names))), None)

    def url(self, *names: str) -> str | None:
        """The URL in the text of the first such child that holds one, made absolute."""
        urls = (fields.url(child.value, child.base) for child in self.each(*names))
        return next(filter(None, urls), None)

    def date(self, *names: str) -> tuple[datetime | None, str | None]:
        """The first such child that reads as a date, as a moment and as written."""
        written = [
            raw for child in self.each(*names) if (raw := fields.line(child.value, fields.NAME))
        ]
        for raw in written:
            if moment := dates.parse(raw):
                return moment, raw
        return None, next(iter(written), None)

    def get(self, attribute: str, limit: int = fields.NAME) -> str | None:
        """An attribute's value on one line; None when it is empty."""
        return fields.line(self.element.get(attribute), limit)

    def rdf(self, attribute: str) -> str:
        """An attribute of RDF, as written."""
        return self.element.get(_RDF + attribute, "")


def node(element: etree._Element, base: str = "") -> Node:
    """The element as a node below one whose base is `base`."""
    children: dict[str, list[etree._Element]] = {}
    if len(element):  # most have none, and to ask one by one takes longer
        for child in element:
            children.setdefault(_short(child.tag), []).append(child)
    own = element.get(_BASE)
    return Node(element, fields.url(own, base) or base if own else base, children)


def markup(element: etree._Element) -> str:
    """The element as XML that stands on its own."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def inner_html(element: etree._Element) -> str:
    """What the element holds, as HTML; the namespaces of its elements are dropped."""
    plain = deepcopy(element)
    for inner in plain.iter("*"):
        inner.tag = etree.QName(inner).localname
    etree.cleanup_namespaces(plain)
    pieces = (etree.tostring(child, method="html", encoding="unicode") for child in plain)
    return escape(plain.text or "", quote=False) + "".join(pieces)


@lru_cache(maxsize=1024)
def _short(tag: str) -> str:
    """The prefix used here, and the local name; an unknown namespace stays in full."""
    name = etree.QName(tag)
    prefix = _PREFIXES.get(name.namespace or "")
    return tag if prefix is None else prefix + name.localname
