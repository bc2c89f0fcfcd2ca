"""XML elements as the strict readers see them: by short names, each with the base in force (XML Base)."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from lxml import etree
from msgspec import Struct

from feeds import dates, fields
from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set
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


class Node(Struct, frozen=True):
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
        return _text(self.element)

    def each(self, *names: str) -> Iterator[Node]:
        """The children of these names: all of the first name, then all of the second."""
        for element in self._named(names):
            yield node(element, self.base)

    def first(self, *names: str) -> Node | None:
        """The first child of the first of these names that there is."""
        for name in names:
            if found := self.children.get(name):
                return node(found[0], self.base)
        return None

    def values(self, *names: str) -> list[str]:
        """All text in each of the children of these names, as written."""
        return list(map(_text, self._named(names)))

    def line(self, *names: str, limit: int = fields.NAME) -> str | None:
        """The text of the first such child that has any, on one line."""
        for element in self._named(names):
            if line := fields.line(_text(element), limit):
                return line
        return None

    def tag(self, *names: str) -> str | None:
        """The language tag in the first such child that holds one."""
        return next(filter(None, map(fields.language, self.values(*names))), None)

    def url(self, *names: str) -> str | None:
        """The URL in the text of the first such child that holds one, made absolute."""
        for element in self._named(names):
            if url := fields.url(_text(element), _base(element, self.base)):
                return url
        return None

    def date(self, *names: str) -> tuple[datetime | None, str | None]:
        """The first such child that reads as a date, as a moment and as written."""
        unread = None
        for element in self._named(names):
            written = fields.line(_text(element), fields.NAME)
            if written and (moment := dates.parse(written)):
                return moment, written
            unread = unread or written
        return None, unread

    def get(self, attribute: str, limit: int = fields.NAME) -> str | None:
        """An attribute's value on one line; None when it is empty."""
        written = self.element.get(attribute)
        return fields.line(written, limit) if written else None

    def rdf(self, attribute: str) -> str:
        """An attribute of RDF, as written."""
        return self.element.get(_RDF + attribute, "")

    def has_any(self, names: Set[str]) -> bool:
        """Whether any of its children has one of these names."""
        return not names.isdisjoint(self.children)

    def _named(self, names: tuple[str, ...]) -> Sequence[etree._Element]:
        if len(names) == 1:
            return self.children.get(names[0], ())
        return [element for name in names for element in self.children.get(name, ())]


def node(element: etree._Element, base: str = "") -> Node:
    """The element as a node below one whose base is `base`."""
    children: dict[str, list[etree._Element]] = {}
    if len(element):  # most have none, and to ask one by one takes longer
        for child in element:
            children.setdefault(_short(child.tag), []).append(child)
    return Node(element, _base(element, base), children)


def _base(element: etree._Element, around: str) -> str:
    own = element.get(_BASE)
    return fields.url(own, around) or around if own else around


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


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
