"""Atom 1.0 (RFC 4287) with history (RFC 5005), tombstones (RFC 6721) and threads (RFC 4685)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from feeds.linting import common, values
from feeds.linting.findings import Flaw
from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from feeds.strict.elements import Node

_ONCE = ("atom:id", "atom:title", "atom:updated", "atom:rights")
_OF_FEED = ("atom:subtitle", "atom:generator", "atom:icon", "atom:logo")
_OF_ENTRY = ("atom:published", "atom:summary", "atom:content", "atom:source")
_NAMES = """author category content contributor entry generator icon id link logo published rights source
    subtitle summary title updated"""
_PARTS = frozenset(f"atom:{name}" for name in _NAMES.split())
_LANGUAGE = f"{{{IRIS['xml']}}}lang"
_BASE = f"{{{IRIS['xml']}}}base"


def flaws(root: Node, url: str | None, now: datetime | None) -> Iterator[Flaw]:
    """What is wrong with a feed, or with a document that is one entry."""
    if root.element.prefix:
        yield Flaw("AvoidNamespacePrefix", root, root.element.prefix)
    if root.name == "atom:entry":
        yield from _entry(root, root, now)
        return
    entries = list(root.each("atom:entry"))
    yield from _head(root, url, now)
    for entry in entries:
        yield from _entry(entry, root, now)
    yield from values.identities([(it, it.value.strip()) for it in _each(entries, "atom:id")])
    dates = [(it, it.value.strip()) for it in _each(entries, "atom:updated")]
    yield from values.repeated(dates, "DuplicateUpdated")


def _each(entries: list[Node], name: str) -> Iterator[Node]:
    return (found for entry in entries if (found := entry.first(name)))


def _head(feed: Node, url: str | None, now: datetime | None) -> Iterator[Flaw]:
    yield from _parts(feed, now)
    yield from common.once(feed, _OF_FEED)
    yield from common.self_link(feed, "MissingSelf", url)
    yield from common.links(feed, in_entry=False)
    yield from common.history(feed)
    for picture in feed.each("atom:icon", "atom:logo"):
        yield from values.full_url(picture, picture.value.strip())
    for deleted in feed.each("at:deleted-entry"):
        if not deleted.element.get("ref"):
            yield Flaw("MissingAttribute", deleted, "ref")
        yield from values.rfc_3339(deleted, deleted.element.get("when", ""), now)


def _entry(entry: Node, feed: Node, now: datetime | None) -> Iterator[Flaw]:
    yield from _parts(entry, now)
    yield from common.once(entry, _OF_ENTRY)
    yield from common.links(entry, in_entry=True)
    yield from common.media(entry)
    yield from common.modules(entry, now)
    yield from _content(entry)
    yield from _alternates(entry)
    source = entry.first("atom:source")
    if not any(level and level.first("atom:author") for level in (entry, source, feed)):
        yield Flaw("MissingAuthor", entry)
    if source:
        missing = [name for name in ("id", "title", "updated") if not source.first(f"atom:{name}")]
        yield from (Flaw("MissingSourceElement", source, name) for name in missing)
    for reply in entry.each("thr:in-reply-to"):
        if not reply.element.get("ref"):
            yield Flaw("MissingAttribute", reply, "ref")


def _parts(parent: Node, now: datetime | None) -> Iterator[Flaw]:
    """What feeds and entries have alike."""
    yield from common.demanded(parent, ("atom:id", "atom:title", "atom:updated"))
    yield from common.once(parent, _ONCE)
    unknown = [it for it in parent.children if it.startswith("atom:") and it not in _PARTS]
    yield from (Flaw("UndefinedElement", parent, name) for name in unknown)
    for identifier in parent.each("atom:id"):
        yield from values.identifier(identifier, identifier.value.strip())
    for date in parent.each("atom:updated", "atom:published"):
        yield from values.rfc_3339(date, date.value.strip(), now)
    for text in parent.each("atom:title", "atom:subtitle", "atom:summary", "atom:rights"):
        yield from _text(text)
    for person in parent.each("atom:author", "atom:contributor"):
        yield from common.demanded(person, ("atom:name",))
        yield from chain.from_iterable(
            values.full_url(uri, uri.value.strip()) for uri in person.each("atom:uri")
        )
    for category in parent.each("atom:category"):
        if not category.element.get("term"):
            yield Flaw("MissingAttribute", category, "term")
    yield from values.language(parent, parent.element.get(_LANGUAGE))


def _text(text: Node) -> Iterator[Flaw]:
    """A text construct (RFC 4287 section 3.1)."""
    kind = text.element.get("type", "text")
    if kind == "text":
        yield from values.plain(text, text.value, "ContainsUndeclaredHTML")
    elif kind == "html":
        yield from values.html(text, text.value, based=_is_based(text))
    elif kind == "xhtml":
        yield from _xhtml(text)
    else:
        yield Flaw("InvalidMIMEType", text, kind)


def _content(entry: Node) -> Iterator[Flaw]:
    """Content in place, in markup, elsewhere or in base64 (RFC 4287 section 4.1.3)."""
    content = entry.first("atom:content")
    if content is None:
        return
    kind, source = content.element.get("type", "text"), content.element.get("src")
    is_text = kind in ("text", "html", "xhtml") or kind.startswith("text/") or "xml" in kind
    if source is not None:
        yield from values.full_url(content, source)
    if "/" in kind:
        if list(values.media_type(content, kind)):
            yield Flaw("InvalidMIMEType", content, kind)
    elif source is None:
        yield from _text(content)
    if (source is not None or not is_text) and entry.first("atom:summary") is None:
        yield Flaw("MissingSummary", entry)


def _xhtml(text: Node) -> Iterator[Flaw]:
    if list(text.children) != ["xhtml:div"] or len(text.element) != 1:
        yield Flaw("NotInline" if "<" in text.value else "MissingXhtmlDiv", text)
        return
    yield from values.html(text, common.inline(text), based=_is_based(text))


def _is_based(text: Node) -> bool:
    """Whether relative addresses have something to start from (XML Base)."""
    element = text.element
    return any(it.get(_BASE) for it in (element, *element.iterancestors()))


def _alternates(entry: Node) -> Iterator[Flaw]:
    alternates = [it for it in entry.each("atom:link") if it.get("rel") in (None, "alternate")]
    if not alternates and entry.first("atom:content") is None:
        yield Flaw("MissingContentOrAlternate", entry)
    kinds = [(it, f"{it.get('type')} {it.get('hreflang')}") for it in alternates]
    yield from values.repeated(kinds, "DuplicateAtomLink")
