"""Well-formed Atom, RSS and RDF read exactly as written, by lxml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import fields
from feeds.strict import atom, relations, rss
from feeds.strict.elements import node

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml import etree

    from feeds.model import Feed

_READERS = {"atom:feed": atom.read, "atom:entry": atom.read, "rss": rss.read, "rdf:RDF": rss.read}


def read(root: etree._Element, *, url: str, known: Collection[str]) -> Feed | None:
    """The feed below this root element, or None when its dialect is not known here.

    Relative URLs resolve against xml:base, then `url`, then the feed's own address, then its page.
    """
    document = node(root, fields.url(url) or "")
    reader = _READERS.get(document.name)
    if reader is None:
        return None
    return reader(document if document.base else node(root, _own_base(root)), known)


def _own_base(root: etree._Element) -> str:
    """The base of a document from nowhere: the address it gives for itself, or else its page."""
    document = node(root)
    head = document.first("channel") or document
    links = relations.links(head)
    return relations.target(links, "self") or head.url("link") or relations.page(links) or ""
