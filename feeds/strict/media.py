"""Enclosures (RSS 2.0, RFC 4287 section 4.2.7.2) and Media RSS 1.5, wherever in the entry they stand.

What Media RSS says is said of its media objects only: never of the entry.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from feeds import fields
from feeds.model import Media, MediaRole
from feeds.strict import relations, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.links import Link
    from feeds.strict.elements import Node

_MEDIA = frozenset({"enclosure", "media:content", "media:group", "media:thumbnail"})
_PICTURES = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp")


def media_of(node: Node, links: tuple[Link, ...]) -> tuple[Media, ...]:
    """The entry's media objects: enclosures first, then the rest; a URL named twice is one object."""
    if not (node.has_any(_MEDIA) or relations.target(links, "enclosure")):
        return ()
    by_url: dict[str, Media] = {}
    found_there = chain(_enclosures(node), _linked(links), _contents(node))
    for found in islice(found_there, fields.MANY):
        known = by_url.get(found.url)
        by_url[found.url] = _filled(known, found) if known else found
    if not any(found.role is MediaRole.ILLUSTRATION for found in by_url.values()):
        by_url |= {found.url: found for found in _thumbnails(node) if found.url not in by_url}
    return tuple(by_url.values())


def _enclosures(node: Node) -> Iterator[Media]:
    for child in node.each("enclosure"):
        if url := fields.url(child.element.get("url"), child.base):
            length = fields.number(child.element.get("length"))
            yield Media(url, type=child.get("type"), length=length or None)


def _linked(links: Iterable[Link]) -> Iterator[Media]:
    for link in links:
        if link.rel == "enclosure":
            yield Media(link.href, type=link.type, length=link.length, title=link.title)


def _contents(node: Node) -> Iterator[Media]:
    """A group holds one object in several renditions: its default one, or else the first, is taken."""
    for group in node.each("media:group"):
        renditions = list(group.each("media:content"))
        chosen = (it for it in renditions if it.get("isDefault") == "true")
        for content in (next(chosen, None), *renditions):
            if content and (found := _content(content, group, node)):
                yield found
                break
    for content in node.each("media:content"):
        if found := _content(content, node):
            yield found


def _content(content: Node, *around: Node) -> Media | None:
    """One object; what its own element does not say is taken from those around it."""
    url = fields.url(content.element.get("url"), content.base)
    if url is None:
        return None

    def said(name: str, limit: int = fields.TITLE) -> str | None:
        lines = (texts.line(level.first(name), limit) for level in (content, *around))
        return next(filter(None, lines), None)

    return Media(
        url,
        MediaRole.ILLUSTRATION if _is_picture(content, url) else MediaRole.ENCLOSURE,
        type=content.get("type"),
        length=fields.number(content.element.get("fileSize")) or None,
        duration=fields.number(content.element.get("duration")),
        width=fields.number(content.element.get("width")),
        height=fields.number(content.element.get("height")),
        title=said("media:title"),
        credit=said("media:credit"),
        description=said("media:description", fields.SUMMARY),
        rights=said("media:copyright", fields.SUMMARY),
    )


def _is_picture(content: Node, url: str) -> bool:
    kind = content.get("medium") or (content.get("type") or "").partition("/")[0]
    if kind:
        return kind.lower() == "image"
    return url.partition("?")[0].lower().endswith(_PICTURES)


def _thumbnails(node: Node) -> Iterator[Media]:
    """The first thumbnail, for an entry that shows no other picture."""
    for level in (node, *node.each("media:group", "media:content")):
        for child in level.each("media:thumbnail"):
            if url := fields.url(child.element.get("url"), child.base):
                width = fields.number(child.element.get("width"))
                height = fields.number(child.element.get("height"))
                yield Media(url, MediaRole.ILLUSTRATION, width=width, height=height)
                return


def _filled(known: Media, other: Media) -> Media:
    """The known object, with what only the other element says of it."""
    said = asdict(other)
    gaps = {name: said[name] for name, value in asdict(known).items() if value is None}
    return replace(known, **gaps)
