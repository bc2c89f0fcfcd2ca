"""What Atom and RSS have in common: counted elements, links, history, media, modules."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

from feeds.linting import values
from feeds.linting.findings import Flaw
from feeds.namespaces import IRIS
from feeds.strict.elements import node as node_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from feeds.strict.elements import Node

_HISTORY = frozenset({"prev-archive", "next-archive", "current"})
_MORE = _HISTORY - {"current"} | {"next", "previous", "prev", "first", "last"}
_POINT = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s+(-?[0-9]+(?:\.[0-9]+)?)\s*")
_TEXTS = ("title", "description", "content:encoded", "atom:title", "atom:summary", "atom:content")
# https://www.iana.org/assignments/link-relations, and "previous", which RFC 5005 still uses for pages.
_REGISTERED = """about acl alternate amphtml api-catalog appendix apple-touch-icon apple-touch-startup-image
    archives author blocked-by bookmark c2pa-manifest canonical chapter cite-as collection
    compression-dictionary contents convertedfrom copyright create-form current deprecation describedby
    describes disclosure dns-prefetch duplicate edit edit-form edit-media enclosure external first geofeed
    glossary help hosts hub ice-server icon index intervalafter intervalbefore intervalcontains
    intervaldisjoint intervalduring intervalequals intervalfinishedby intervalfinishes intervalin
    intervalmeets intervalmetby intervaloverlappedby intervaloverlaps intervalstartedby intervalstarts item
    last latest-version license linkset lrdd manifest mask-icon me media-feed memento micropub modulepreload
    monitor monitor-group next next-archive nofollow noopener noreferrer opener openid2.local_id
    openid2.provider original p3pv1 payment pingback preconnect predecessor-version prefetch preload
    prerender prev preview previous prev-archive privacy-policy profile publication rdap-active related
    restconf replies ruleinput search section self service service-desc service-doc service-meta
    sip-trunking-capability sponsored start status stylesheet subsection successor-version sunset tag
    terms-of-service timegate timemap type ugc up version-history via webmention working-copy
    working-copy-of"""
_RELATIONS = frozenset(_REGISTERED.split())


def namespaces(root: Node) -> Iterator[Flaw]:
    """Usual prefixes stand for what they usually stand for."""
    for prefix, iri in root.element.nsmap.items():
        if prefix in IRIS and iri != IRIS[prefix]:
            yield Flaw("ReservedPrefix", root, f"{prefix} = {iri}")


def demanded(parent: Node, names: Collection[str]) -> Iterator[Flaw]:
    """Elements that have to be there, with something in them."""
    for name in names:
        if parent.first(name) is None:
            yield Flaw("MissingElement", parent, name.removeprefix("atom:"))


def once(parent: Node, names: Collection[str]) -> Iterator[Flaw]:
    """Elements that may stand only once."""
    for name, count in Counter(
        {name: len(parent.children.get(name, ())) for name in names}
    ).items():
        if count > 1:
            yield Flaw("DuplicateElement", parent, f"{count} x {name.removeprefix('atom:')}")


def self_link(head: Node, missing: str, url: str | None) -> Iterator[Flaw]:
    """Where the feed says it is, and whether it is there."""
    found = next((it for it in head.each("atom:link") if it.get("rel") == "self"), None)
    if found is None:
        yield Flaw(missing, head)
        return
    href = found.element.get("href", "").strip()
    if not values.is_full_url(href):
        yield Flaw("RelativeSelf", found, href)
    elif url is not None and href != url:
        yield Flaw("SelfDoesntMatchLocation", found, f"{href}, served at {url}")


def history(head: Node) -> Iterator[Flaw]:
    """RFC 5005: a feed is one of archives, or complete, or neither."""
    is_archive, is_complete = "fh:archive" in head.children, "fh:complete" in head.children
    leads = {it.get("rel") or "": it.element.get("href") for it in head.each("atom:link")}
    if is_archive and is_complete:
        yield Flaw("ArchiveIncomplete", head)
    if is_archive and "current" not in leads:
        yield Flaw("MissingCurrentInArchive", head)
    if is_complete and (more := _MORE & set(leads)):
        yield Flaw("FeedRelInCompleteFeed", head, ", ".join(sorted(more)))
    if is_complete and leads.get("current") not in (None, leads.get("self")):
        yield Flaw("CurrentNotSelfInCompleteFeed", head, str(leads["current"]))


def links(parent: Node, *, in_entry: bool) -> Iterator[Flaw]:
    """Atom's links, in any document."""
    for link in parent.each("atom:link"):
        href, rel = link.element.get("href", "").strip(), (link.get("rel") or "alternate").lower()
        if href.startswith("#") or not href:
            yield Flaw("SameDocumentReference", link, href or "an empty href")
        elif rel != "self" or in_entry:
            yield from values.full_url(link, href)
        if rel not in _RELATIONS and ":" not in rel:
            yield Flaw("UnregisteredAtomLinkRel", link, rel)
        if in_entry and rel in _HISTORY:
            yield Flaw("FeedHistoryRelInEntry", link, rel)
        if any(name.endswith("}when") for name in map(str, link.element.attrib)):
            yield Flaw("NoThrWhen", link)
        yield from values.media_type(link, link.get("type"))
        yield from values.language(link, link.get("hreflang"))
        yield from values.whole_number(link, "length", link.get("length"))


def media(entry: Node) -> Iterator[Flaw]:
    """Media RSS: after the texts, with full addresses; a group holds renditions of one object."""
    for group in entry.each("media:group"):
        if len(group.children.get("media:content", ())) < 2:
            yield Flaw("MediaGroupWithoutAlternatives", group)
    if _stands_before_texts(entry):
        yield Flaw("MediaBeforeText", entry)
    for content in _media(entry):
        yield from values.full_url(content, content.element.get("url"))
        yield from values.media_type(content, content.get("type"))
        for name in ("fileSize", "width", "height"):
            yield from values.whole_number(content, name, content.get(name))


def _media(entry: Node) -> Iterator[Node]:
    for level in (entry, *entry.each("media:group")):
        yield from level.each("media:content", "media:thumbnail")


def _stands_before_texts(entry: Node) -> bool:
    names = [node_of(child).name for child in entry.element]
    first = next((n for n, name in enumerate(names) if name.startswith("media:")), len(names))
    return any(name in _TEXTS for name in names[first:])


def modules(entry: Node, now: datetime | None) -> Iterator[Flaw]:
    """Dates and languages of Dublin Core, points of GeoRSS."""
    for date in entry.each("dcterms:modified", "dcterms:created", "dcterms:issued", "dc:date"):
        yield from values.w3c(date, date.value.strip(), now)
    for tag in entry.each("dc:language"):
        yield from values.language(tag, tag.value.strip())
    for point in entry.each("georss:point"):
        found = _POINT.fullmatch(point.value)
        if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
            yield Flaw("InvalidCoord", point, point.value.strip())


def inline(element: Node) -> str:
    """The markup in an element as text, for checks of HTML."""
    return "".join(etree.tostring(child, encoding="unicode") for child in element.element)
