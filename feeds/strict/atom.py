"""Atom 1.0 (RFC 4287), exactly as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import fields
from feeds.model import Category, Entry, Feed, Origin
from feeds.strict import circumstances, heads, relations, texts
from feeds.strict.entries import with_entries
from feeds.strict.media import media_of
from feeds.strict.people import authors, contributors

if TYPE_CHECKING:
    from collections.abc import Collection

    from feeds.strict.elements import Node
    from feeds.strict.entries import Markup


def read(root: Node, known: Collection[str]) -> Feed:
    """The feed; a document that is a single entry (RFC 4287 section 2) is a feed of that one."""
    if root.name == "atom:entry":
        return with_entries(Feed(dialect="atom10"), [root], _entry, root.base, known)
    return with_entries(_head(root), root.each("atom:entry"), _entry, root.base, known)


def origin(source: Node) -> Origin:
    """atom:source, in Atom and RSS alike (RFC 4287 section 4.2.11)."""
    links = relations.links(source)
    return Origin(
        id=identifier(source),
        title=texts.line(source.first("atom:title")),
        home=relations.page(links),
        feed=relations.target(links, "self"),
        updated=source.date("atom:updated")[0],
        authors=authors(source),
        rights=texts.line(source.first("atom:rights"), fields.SUMMARY),
        license=relations.license_of(source, links),
    )


def identifier(node: Node) -> str | None:
    """atom:id, never resolved (RFC 4287 section 4.2.6)."""
    found = node.first("atom:id")
    return fields.identifier(found.value) if found else None


def _head(feed: Node) -> Feed:
    links = relations.links(feed)
    return Feed(
        id=identifier(feed),
        title=texts.line(feed.first("atom:title")),
        subtitle=texts.line(feed.first("atom:subtitle"), fields.SUMMARY),
        link=relations.page(links),
        language=feed.language or feed.tag("dc:language"),
        updated=feed.date("atom:updated")[0],
        authors=authors(feed),
        rights=texts.line(feed.first("atom:rights", "dc:rights"), fields.SUMMARY),
        categories=_categories(feed),
        icon=feed.url("atom:icon"),
        logo=feed.url("atom:logo"),
        generator=feed.line("atom:generator"),
        tombstones=heads.tombstones(feed.each("at:deleted-entry")),
        dialect="atom10",
        **heads.linked(feed, links),
    )


def _entry(node: Node, feed: Feed, markup: Markup) -> Entry:
    source = node.first("atom:source")
    content = node.first("atom:content")
    links = relations.links(node) + relations.elsewhere(content)
    published, published_raw = node.date("atom:published")
    updated, updated_raw = node.date("atom:updated")
    return Entry(
        id=identifier(node),
        title=texts.line(node.first("atom:title")),
        link=relations.page(links),
        authors=authors(node),
        contributors=contributors(node),
        published=published,
        updated=updated,
        summary=texts.line(node.first("atom:summary"), fields.SUMMARY),
        content=texts.html(content),
        categories=_categories(node),
        media=media_of(node, links),
        rights=texts.line(node.first("atom:rights", "dc:rights"), fields.SUMMARY),
        license=relations.license_of(node, links),
        origin=origin(source) if source else None,
        via=relations.target(links, "via"),
        discussion=relations.page(links, "replies"),
        **circumstances.of(node),
        language=heads.other_language(node.language, feed),
        published_raw=published_raw,
        updated_raw=updated_raw,
        base=(content or node).base or None,
        raw=markup.xml,
        raw_digest=markup.digest,
    )


def _categories(node: Node) -> tuple[Category, ...]:
    found = (
        Category(term, child.get("scheme", fields.URL), child.get("label"))
        for child in node.each("atom:category")
        if (term := child.get("term") or fields.line(child.value, fields.NAME))
    )
    return fields.first_ones(found)
