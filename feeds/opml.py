"""OPML 2.0, both ways (http://opml.org/spec2.opml): lists of feeds, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from feeds import dates, fields, text
from feeds.errors import InvalidOutline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

MAX_BYTES = 5 * 1024 * 1024
MAX_OUTLINES = 5000
MAX_DEPTH = 10

_FEED_TYPES = {"atom", "feed", "include", "json", "rdf", "rss"}


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed when it has an `xml_url`, a group of outlines otherwise."""

    text: str
    title: str | None = None
    xml_url: str | None = None  # the feed
    html_url: str | None = None  # the page it belongs to
    description: str | None = None
    language: str | None = None
    type: str | None = None
    children: tuple[Outline, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlines:
    """A whole document: its head and its topmost outlines."""

    title: str | None = None
    outlines: tuple[Outline, ...] = ()
    modified: datetime | None = None
    owner: str | None = None
    owner_email: str | None = None
    owner_url: str | None = None  # ownerId: a page of the owner

    def feeds(self) -> Iterator[Outline]:
        """All feeds at any depth, in the order of the document."""
        yield from _feeds(self.outlines)


def read_opml(body: bytes) -> Outlines:
    """The outlines of an OPML document of any version, read as tolerantly as lists in the wild need.

    Raises InvalidOutline when it is no OPML, has a document type, or is beyond 5 MB, 5,000 outlines or
    ten levels.
    """
    root = _parsed(body)
    if _name(root) != "opml":
        raise InvalidOutline("the document is XML, but no OPML")
    head = {_name(it).lower(): it.text for part in root.iter("head") for it in part}
    bodies = list(root.iterchildren("body"))
    if sum(1 for part in bodies for _ in part.iter("outline")) > MAX_OUTLINES:
        raise InvalidOutline(f"more than {MAX_OUTLINES} outlines")
    return Outlines(
        title=fields.line(head.get("title"), fields.TITLE),
        outlines=tuple(it for part in bodies for it in _outlines(part, MAX_DEPTH)),
        modified=dates.parse(head.get("datemodified") or ""),
        owner=fields.line(head.get("ownername"), fields.NAME),
        owner_email=fields.line(head.get("owneremail"), fields.NAME),
        owner_url=fields.url(head.get("ownerid")),
    )
