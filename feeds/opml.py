"""OPML 2.0, both ways (http://opml.org/spec2.opml): lists of feeds, in groups."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (who decodes these values looks it up)

from lxml import etree
from msgspec import Struct

from feeds import dates, fields, text
from feeds.decoding import decode
from feeds.errors import InvalidOutline
from feeds.parsing import parsed

MAX_BYTES = 5 * 1024 * 1024
MAX_OUTLINES = 5000
MAX_DEPTH = 10

_SPECIFICATION = "http://opml.org/spec2.opml"
_FEED_TYPE = "rss"  # OPML 2.0: of feeds in any format


class Outline(Struct, frozen=True):
    """A feed when it has an `xml_url`, a group of outlines otherwise."""

    text: str
    title: str | None = None
    xml_url: str | None = None  # the feed
    html_url: str | None = None  # the page it belongs to
    description: str | None = None
    language: str | None = None
    type: str | None = None
    children: tuple[Outline, ...] = ()


class Outlines(Struct, frozen=True):
    """A whole document: its head and its topmost outlines."""

    title: str | None = None
    outlines: tuple[Outline, ...] = ()
    modified: datetime | None = None
    owner: str | None = None
    owner_email: str | None = None
    owner_url: str | None = None  # ownerId: a page of the owner


def read_opml(body: bytes) -> Outlines:
    """The outlines of an OPML document of any version, as tolerant as lists in the wild need it.

    Raises InvalidOutline when it is no OPML, has a document type, or is beyond 5 MB, 5,000 outlines or
    ten levels.
    """
    root = _parsed(body)
    head = {_name(it): it.text for it in root.iterfind("{*}head/*")}
    outlines = root.find("{*}body")
    if _name(root) != "opml" or outlines is None:
        raise InvalidOutline("the document is no OPML")
    if sum(1 for _ in outlines.iter("{*}outline")) > MAX_OUTLINES:
        raise InvalidOutline(f"more than {MAX_OUTLINES} outlines")
    return Outlines(
        title=fields.line(head.get("title"), fields.TITLE),
        outlines=_children(outlines, MAX_DEPTH),
        modified=dates.parse(head.get("datemodified") or ""),
        owner=fields.line(head.get("ownername"), fields.NAME),
        owner_email=fields.line(head.get("owneremail"), fields.NAME),
        owner_url=fields.url(head.get("ownerid")),
    )


def write_opml(outlines: Outlines) -> bytes:
    """The outlines as OPML 2.0 in UTF-8: same in, same out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    given = {
        "title": outlines.title,
        "dateModified": dates.rfc822(outlines.modified) if outlines.modified else None,
        "ownerName": outlines.owner,
        "ownerEmail": outlines.owner_email,
        "ownerId": outlines.owner_url,
        "docs": _SPECIFICATION,
    }
    for name, value in given.items():
        if value:
            etree.SubElement(head, name).text = text.legal(value)
    _add(etree.SubElement(root, "body"), outlines.outlines)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _parsed(body: bytes) -> etree._Element:
    if len(body) > MAX_BYTES:
        raise InvalidOutline(f"larger than {MAX_BYTES} bytes")
    document = decode(body, None).text
    if "<!DOCTYPE" in document:
        raise InvalidOutline("a document type is refused")
    try:
        return parsed(document.strip())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidOutline(f"not well-formed: {error}") from error


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _children(parent: etree._Element, levels: int) -> tuple[Outline, ...]:
    found = list(parent.iterchildren("{*}outline"))
    if found and not levels:
        raise InvalidOutline(f"deeper than {MAX_DEPTH} levels")
    return tuple(_outline(element, levels) for element in found)


def _outline(element: etree._Element, levels: int) -> Outline:
    """Attributes count in any case; whatever has the address of a feed is one."""
    given = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    kind = fields.line(given.get("type"), fields.NAME)
    title = fields.line(given.get("title"), fields.TITLE)
    xml_url = fields.url(given.get("xmlurl"))
    return Outline(
        text=fields.line(given.get("text"), fields.TITLE) or title or xml_url or "",
        title=title,
        xml_url=xml_url,
        html_url=fields.url(given.get("htmlurl")),
        description=fields.line(given.get("description"), fields.SUMMARY),
        language=fields.line(given.get("language"), fields.NAME),
        type=_FEED_TYPE if xml_url else kind and kind.lower(),
        children=_children(element, levels - 1),
    )


def _add(parent: etree._Element, outlines: tuple[Outline, ...]) -> None:
    for it in outlines:
        given = {
            "type": _FEED_TYPE if it.xml_url else it.type,
            "title": it.title,
            "xmlUrl": it.xml_url,
            "htmlUrl": it.html_url,
            "description": it.description,
            "language": it.language,
        }
        attributes = {name: text.legal(value) for name, value in given.items() if value}
        outline = etree.SubElement(parent, "outline", {"text": text.legal(it.text), **attributes})
        _add(outline, it.children)
