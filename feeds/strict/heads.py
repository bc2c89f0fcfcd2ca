"""What Atom and RSS heads have in common: history (RFC 5005), tombstones (RFC 6721), hubs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from feeds import dates, fields
from feeds.model import Tombstone
from feeds.strict import relations, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.links import Link
    from feeds.model import Feed, License
    from feeds.strict.elements import Node

_HUBS = 8


class Linked(TypedDict):
    """The fields of a Feed that links and empty elements of its head fill."""

    self_link: str | None
    license: License | None
    hubs: tuple[str, ...]
    previous_archive: str | None
    next_archive: str | None
    current: str | None
    next_page: str | None
    archive: bool
    complete: bool


def linked(head: Node, links: tuple[Link, ...]) -> Linked:
    """The part of a head that both dialects write alike."""
    return Linked(
        self_link=relations.target(links, "self"),
        license=relations.license_of(head, links),
        hubs=tuple(link.href for link in links if link.rel == "hub")[:_HUBS],
        previous_archive=relations.target(links, "prev-archive"),
        next_archive=relations.target(links, "next-archive"),
        current=relations.target(links, "current"),
        next_page=relations.target(links, "next"),
        archive="fh:archive" in head.children,
        complete="fh:complete" in head.children,
    )


def tombstones(nodes: Iterable[Node]) -> tuple[Tombstone, ...]:
    """The withdrawals that say what was withdrawn and when."""
    found = []
    for node in nodes:
        ref = fields.identifier(node.element.get("ref"))
        when = dates.parse(node.element.get("when", ""))
        if ref and when:
            found.append(Tombstone(ref, when, texts.line(node.first("at:comment"), fields.SUMMARY)))
    return tuple(found)


def other_language(language: str | None, feed: Feed) -> str | None:
    """The language of an entry, when it is not that of its feed."""
    same = (language or "").casefold() == (feed.language or "").casefold()
    return None if same else language
