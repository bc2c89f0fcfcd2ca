"""Links: in feeds (RFC 4287 section 4.2.7, RFC 5005), in HTTP headers (RFC 8288), in HTML heads."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from lxml import etree, html
from msgspec import Struct

from feeds import fields, rsl
from feeds.model import MediaRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Entry, Feed, Format, License, Origin

_HTML = "text/html"
FEED_TYPES = {
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/rss+xml",
}
_HEAD_BYTES = 512 * 1024  # a page's head stands in its first half megabyte or nowhere
_URI = "-._~:/?#[]@!$&'()*+,;=%"  # RFC 3986: what may stand in a URI beside letters and digits
_UNQUOTABLE = re.compile(r"[^\x20-\x7e]")
_TARGET = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"<>]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


class Link(Struct, frozen=True):
    """A typed link; `length` is in bytes and advisory."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    hreflang: str | None = None
    length: int | None = None


def of_feed(feed: Feed, kind: Format) -> tuple[Link, ...]:
    """The links of a feed's head when it is written as `kind`: itself, page, hubs, license, history."""
    found = (
        _link("self", feed.self_link, kind.media_type),
        _link("alternate", feed.link, _HTML),
        *(_link("hub", hub) for hub in feed.hubs),
        _license(feed.license),
        _link("current", feed.current),
        _link("prev-archive", feed.previous_archive),
        _link("next-archive", feed.next_archive),
        _link("next", feed.next_page),
    )
    return tuple(link for link in found if link)


def of_entry(entry: Entry) -> tuple[Link, ...]:
    """The links of an entry: its page, its original, its license, its discussion, its enclosures."""
    found = (
        _link("alternate", entry.link, _HTML),
        _link("via", entry.via, _HTML),
        *(_link("via", it, _HTML) for it in entry.copies),
        _license(entry.license),
        _link("license", entry.terms.document if entry.terms else None, rsl.MEDIA_TYPE),
        _link("replies", entry.discussion, _HTML),
        *(
            Link(media.url, "enclosure", media.type, media.title, length=media.length)
            for media in entry.media
            if media.role is MediaRole.ENCLOSURE
        ),
    )
    return tuple(link for link in found if link)


def of_origin(origin: Origin) -> tuple[Link, ...]:
    """The links of the feed that an entry was first published in."""
    found = (
        _link("alternate", origin.home, _HTML),
        _link("self", origin.feed),
        _license(origin.license),
    )
    return tuple(link for link in found if link)


def header(links: Iterable[Link]) -> str:
    """The value of one HTTP Link header: ASCII without line ends, whatever the links hold."""
    return ", ".join(map(_header_value, links))


def parse_header(value: str, base: str) -> tuple[Link, ...]:
    """The http(s) links of a Link header, one per relation type, resolved against `base`.

    What is malformed is passed over, and so are links whose context is another resource (`anchor`).
    """
    return tuple(
        Link(href, rel, given.get("type"), given.get("title"), given.get("hreflang"))
        for target, given in _header_links(value)
        if (href := fields.url(target, base)) and "anchor" not in given
        for rel in given.get("rel", "").lower().split()
    )


def discover(page: bytes, base: str) -> tuple[Link, ...]:
    """The http(s) feeds that an HTML page announces in its head, in the order of the page."""
    root = _parsed(page[:_HEAD_BYTES])
    if root is None:
        return ()
    head_base = next((href for href in root.xpath("/html/head/base/@href")), "")
    context = fields.url(head_base, base) or base
    found: dict[str, Link] = {}
    for element in root.xpath("/html/head/link[@href]"):
        if link := _announced(element, context):
            found.setdefault(link.href, link)
    return tuple(found.values())


def _link(rel: str, href: str | None, media_type: str | None = None) -> Link | None:
    return Link(href, rel, media_type) if href else None


def _license(license_: License | None) -> Link | None:
    return Link(license_.uri, "license", title=license_.name) if license_ else None


def _header_value(link: Link) -> str:
    parameters = {"rel": link.rel, "type": link.type, "hreflang": link.hreflang}
    given = [f"{name}={_quoted(value)}" for name, value in parameters.items() if value]
    if link.title:
        given.append(_title(link.title))
    return "; ".join([f"<{quote(link.href, safe=_URI, errors='replace')}>", *given])


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", _UNQUOTABLE.sub("", value)) + '"'


def _title(title: str) -> str:
    """A title as a quoted string, or percent-encoded by RFC 8187 where it is not printable ASCII."""
    if _UNQUOTABLE.search(title):
        return f"title*=UTF-8''{quote(title, safe='', errors='replace')}"
    return f"title={_quoted(title)}"


def _header_links(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    position = 0
    while target := _TARGET.search(value, position):
        given, position = _parameters(value, target.end())
        yield target[1].strip(), given


def _parameters(value: str, position: int) -> tuple[dict[str, str], int]:
    """The parameters that begin at `position`, the first of each name counting, and where they end."""
    given: dict[str, str] = {}
    while found := _PARAMETER.match(value, position):
        name, quoted, token = found.groups()
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token or ""
        given.setdefault(name.lower(), text)
        position = found.end()
    charset, _, encoded = given.get("title*", "").partition("'")
    if charset.lower() == "utf-8":
        given["title"] = unquote(encoded.partition("'")[2])
    return given, position


def _parsed(page: bytes) -> html.HtmlElement | None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(page)
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # libxml2 looks for the page's own declaration
    try:
        return html.document_fromstring(page, parser=html.HTMLParser(encoding=encoding))
    except (etree.LxmlError, ValueError):
        return None


def _announced(element: html.HtmlElement, base: str) -> Link | None:
    media_type = element.get("type", "").partition(";")[0].strip().lower()
    rels = element.get("rel", "").lower().split()
    href = fields.url(element.get("href", ""), base)
    if href is None or "alternate" not in rels or media_type not in FEED_TYPES:
        return None
    return Link(href, "alternate", media_type, element.get("title"), element.get("hreflang"))
