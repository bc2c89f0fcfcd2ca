"""What the typed links of a feed, an entry or a source say (RFC 4287 section 4.2.7, RFC 4946)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from feeds import fields, rsl
from feeds.links import Link
from feeds.model import License

if TYPE_CHECKING:
    from feeds.strict.elements import Node

_REGISTRY = "http://www.iana.org/assignments/relation/"
_PAGE_TYPES = (None, *fields.PAGE_TYPES)
_MANY = 200
_LICENSES = ("creativeCommons:license", "cc:license", "dcterms:license")


def links(node: Node) -> tuple[Link, ...]:
    """Its Atom links that lead to a usable URL, in order."""
    written = islice(node.each("atom:link"), _MANY)
    return tuple(filter(None, map(_link, written)))


def elsewhere(content: Node | None) -> tuple[Link, ...]:
    """The link that content out of line amounts to (RFC 4287 section 4.1.3.2): a page, or a file."""
    href = fields.url(content.element.get("src"), content.base) if content else None
    if content is None or href is None:
        return ()
    media_type = content.get("type")
    rel = "alternate" if media_type in _PAGE_TYPES else "enclosure"
    return (Link(href, rel, media_type),)


def target(found: tuple[Link, ...], rel: str) -> str | None:
    """Where the first link of the relation leads."""
    for link in found:
        if link.rel == rel:
            return link.href
    return None


def page(found: tuple[Link, ...], rel: str = "alternate") -> str | None:
    """The web page that the relation leads to; failing that, whatever an alternate leads to."""
    for link in found:
        if link.rel == rel and link.type in _PAGE_TYPES:
            return link.href
    return target(found, rel) if rel == "alternate" else None


def license_of(node: Node, found: tuple[Link, ...]) -> License | None:
    """The license, by link or by one of the Creative Commons and Dublin Core elements."""
    for link in found:
        if link.rel == "license" and link.type != rsl.MEDIA_TYPE:
            return License(link.href, link.title)
    for child in node.each(*_LICENSES):
        if uri := fields.url(child.rdf("resource") or child.value, child.base):
            return License(uri)
    return None


def _link(node: Node) -> Link | None:
    href = fields.url(node.element.get("href"), node.base)
    if href is None:
        return None
    rel = (node.get("rel") or "alternate").lower().removeprefix(_REGISTRY)
    media_type = node.get("type")
    return Link(
        href,
        rel,
        media_type.lower() if media_type else None,
        node.get("title", fields.TITLE),
        length=fields.number(node.element.get("length")) or None,
    )
