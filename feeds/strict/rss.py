"""RSS 0.9x and 2.0, and RDF (RSS 0.90 and 1.0), with the modules in use, exactly as written."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import fields, periods
from feeds.model import Category, Entry, Feed, Origin
from feeds.strict import atom, circumstances, heads, relations, texts
from feeds.strict.entries import with_entries
from feeds.strict.media import media_of
from feeds.strict.people import authors, contributors

if TYPE_CHECKING:
    from collections.abc import Collection

    from feeds.strict.elements import Node
    from feeds.strict.entries import Markup

_VERSION = re.compile(r"0\.9[0-4]|1\.0|2\.0")
_RSS_10 = "{http://purl.org/rss/1.0/}"


def read(root: Node, known: Collection[str]) -> Feed | None:
    """The feed, or None when the document has no channel. RDF has its items beside the channel."""
    channel = root.first("channel")
    if channel is None:
        return None
    items = chain(channel.each("item"), root.each("item"))
    return with_entries(_head(channel, root), items, _entry, channel.base, known)


def _head(channel: Node, root: Node) -> Feed:
    links = relations.links(channel)
    return Feed(
        id=atom.identifier(channel) or fields.identifier(channel.rdf("about")),
        title=texts.line(channel.first("title", "dc:title")),
        subtitle=texts.line(channel.first("description", "dc:description"), fields.SUMMARY),
        link=channel.url("link") or relations.page(links),
        language=channel.tag("language", "dc:language") or channel.language or root.language,
        updated=channel.date("lastBuildDate", "pubDate", "dc:date", "atom:updated")[0],
        authors=authors(channel),
        editor=channel.line("managingEditor"),
        rights=texts.line(channel.first("copyright", "dc:rights", "atom:rights"), fields.SUMMARY),
        categories=_categories(channel),
        icon=channel.url("atom:icon"),
        logo=channel.url("atom:logo") or _image(channel, root),
        generator=channel.line("generator"),
        docs=channel.url("docs"),
        ttl=fields.number(channel.line("ttl")),
        skip_hours=_skip_hours(channel),
        skip_days=_skip_days(channel),
        update_seconds=_update_seconds(channel),
        tombstones=heads.tombstones(channel.each("at:deleted-entry")),
        dialect=_dialect(root, channel),
        **heads.linked(channel, links),
    )


def _entry(node: Node, feed: Feed, markup: Markup) -> Entry:
    links = relations.links(node)
    guid = node.first("guid")
    described = node.first("description", "dc:description")
    encoded = node.first("content:encoded", "xhtml:body", "atom:content")
    content = texts.html(encoded)
    published, published_raw = node.date("pubDate", "dc:date", "dcterms:issued", "atom:published")
    updated, updated_raw = node.date("dcterms:modified", "atom:updated")
    return Entry(
        id=_identifier(node, guid),
        title=texts.line(node.first("title", "dc:title")),
        link=node.url("link") or relations.page(links) or _permalink(guid),
        authors=authors(node),
        contributors=contributors(node),
        published=published,
        updated=updated,
        summary=texts.line(described, fields.SUMMARY) if content else None,
        content=content or texts.html(described),
        categories=_categories(node),
        media=media_of(node, links),
        rights=texts.line(node.first("dc:rights", "atom:rights"), fields.SUMMARY),
        license=relations.license_of(node, links),
        origin=_origin(node),
        via=relations.target(links, "via"),
        discussion=node.url("comments") or relations.page(links, "replies"),
        **circumstances.of(node),
        language=heads.other_language(node.tag("dc:language") or node.language, feed),
        published_raw=published_raw,
        updated_raw=updated_raw,
        base=((encoded if content else described) or node).base or None,
        raw=markup.xml,
        raw_digest=markup.digest,
    )


def _identifier(node: Node, guid: Node | None) -> str | None:
    written = fields.identifier(guid.value) if guid else None
    return written or fields.identifier(node.rdf("about")) or atom.identifier(node)


def _permalink(guid: Node | None) -> str | None:
    """A guid is the permalink unless it denies it, and only when it is a whole URL by itself."""
    denied = guid is None or (guid.get("isPermaLink") or "true").lower() != "true"
    return None if denied or guid is None else fields.url(guid.value)


def _origin(node: Node) -> Origin | None:
    """RSS's source gives title and address of a feed, atom:source all the rest."""
    written = node.first("source")
    full = node.first("atom:source")
    if written is None:
        return atom.origin(full) if full else None
    found = atom.origin(full) if full else Origin()
    title = found.title or fields.line(written.value, fields.TITLE)
    feed = found.feed or fields.url(written.element.get("url"))
    return replace(found, title=title, feed=feed) if title or feed else None


def _categories(node: Node) -> tuple[Category, ...]:
    """One category per element: what holds commas may be one term."""
    found = (
        Category(term, child.get("domain", fields.URL))
        for child in node.each("category", "dc:subject")
        if (term := fields.line(child.value, fields.NAME))
    )
    return fields.first_ones(found)


def _image(channel: Node, root: Node) -> str | None:
    image = channel.first("image")
    found = image.url("url") if image else None
    beside = root.first("image")  # RDF
    return found or (beside.url("url") if beside else None)


def _skip_hours(channel: Node) -> tuple[int, ...]:
    """Hours 0 to 23; RSS 0.91 counts midnight as 24."""
    skipped = channel.first("skipHours")
    numbers = (fields.number(it.value) for it in skipped.each("hour")) if skipped else ()
    return tuple(sorted({it % 24 for it in numbers if it is not None and it <= 24}))


def _skip_days(channel: Node) -> tuple[str, ...]:
    skipped = channel.first("skipDays")
    named = {it.value.strip().capitalize() for it in skipped.each("day")} if skipped else set()
    return tuple(day for day in periods.DAYS if day in named)


def _update_seconds(channel: Node) -> int | None:
    """The sy: module: so many updates in a period, by default one a day."""
    period = channel.line("sy:updatePeriod")
    frequency = fields.number(channel.line("sy:updateFrequency"))
    if period is None and frequency is None:
        return None
    seconds = periods.SECONDS.get((period or "daily").lower())
    return max(1, seconds // (frequency or 1)) if seconds else None


def _dialect(root: Node, channel: Node) -> str:
    if root.name == "rdf:RDF":
        return "rss10" if channel.element.tag.startswith(_RSS_10) else "rss090"
    version = (root.get("version") or "").strip()
    return "rss" + version.replace(".", "") if _VERSION.fullmatch(version) else "rss"
