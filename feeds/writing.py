"""write(): a Feed as the bytes of an Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1 document.

The same feed gives the same bytes in every process: neither the clock nor the locale is asked.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from msgspec.structs import asdict

from feeds import links, text
from feeds.jsonfeed import write_json
from feeds.model import Format, Person
from feeds.publishable import publishable
from feeds.vocabulary import AtomEntry, AtomFeed, RssFeed, RssItem, rss_enclosure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.model import Category, Entry, Feed

_TITLE_LENGTH = 80  # of a title made up for an entry that has none


class _Unset(datetime):
    """A date that feedgen passes over: it formats RSS dates by switching the process's locale."""

    def __bool__(self) -> bool:
        return False


def write(feed: Feed, kind: Format) -> bytes:
    """The feed as UTF-8 bytes in the format. Entries without an id and second entries of an id are
    left out. Raises UnwritableFeed when the feed lacks what the format demands.
    """
    return _WRITERS[kind](feed)


def _write_atom(feed: Feed) -> bytes:
    ready = publishable(feed, Format.ATOM)
    generator = _head(ready)
    generator.id(ready.id)
    generator.subtitle(ready.subtitle)
    generator.updated(ready.updated)
    generator.author(_people(_feed_authors(ready)))
    generator.link([asdict(link) for link in links.of_feed(ready, Format.ATOM)])
    generator.icon(ready.icon)
    generator.register_extension("vocabulary", partial(AtomFeed, ready))
    for entry in ready.entries:
        generator.add_entry(_atom_entry(entry, ready), order="append")
    return _styled(generator.atom_str(pretty=True), ready.stylesheet)


def _write_rss(feed: Feed) -> bytes:
    ready = publishable(feed, Format.RSS)
    generator = _head(ready)
    generator.description(ready.subtitle or ready.title)
    if ready.self_link:
        generator.link(href=ready.self_link, rel="self", type=Format.RSS.media_type)
    generator.link(href=ready.link)  # the last one becomes the channel's
    generator.updated(_Unset(1970, 1, 1, tzinfo=UTC))
    generator.docs("")
    generator.managingEditor(ready.editor)
    generator.ttl(ready.ttl)
    generator.register_extension("vocabulary", partial(RssFeed, ready))
    for entry in ready.entries:
        generator.add_entry(_rss_item(entry), order="append")
    return _styled(generator.rss_str(pretty=True), ready.stylesheet)


_WRITERS = {Format.ATOM: _write_atom, Format.RSS: _write_rss, Format.JSON: write_json}


def _styled(document: bytes, stylesheet: str | None) -> bytes:
    """The document with its style sheet named before its root (Associating Style Sheets with XML)."""
    if stylesheet is None:
        return document
    declaration, end, root = document.partition(b"?>\n")
    instruction = f'<?xml-stylesheet type="text/css" href="{escape(stylesheet)}"?>\n'
    return declaration + end + instruction.encode() + root


def _head(feed: Feed) -> Any:
    """A feedgen feed with what it says rightly in both formats."""
    generator = FeedGenerator()
    generator.title(feed.title)
    generator.language(feed.language)
    generator.category(_categories(feed.categories))
    generator.generator(feed.generator or "")
    generator.rights(feed.rights)
    generator.logo(feed.logo)
    return generator


def _atom_entry(entry: Entry, feed: Feed) -> Any:
    """A feedgen entry; without a page to link to, Atom demands content (RFC 4287 section 4.1.2)."""
    title = _atom_title(entry)
    content = entry.content or (None if entry.link else escape(entry.summary or title, quote=False))
    skeleton = FeedEntry()
    skeleton.id(entry.id)
    skeleton.title(title)
    skeleton.updated(entry.updated or entry.published or feed.updated)
    skeleton.published(entry.published)
    skeleton.author(_people(entry.authors))
    skeleton.contributor(_people(entry.contributors))
    skeleton.category(_categories(entry.categories))
    skeleton.summary(entry.summary)
    skeleton.content(content, type="html")
    skeleton.rights(entry.rights)
    if entry.link and not content:  # the vocabulary writes the links; feedgen wants to see one
        skeleton.link(href=entry.link)
    skeleton.register_extension("vocabulary", partial(AtomEntry, entry))
    return skeleton


def _rss_item(entry: Entry) -> Any:
    """A feedgen item: description is the summary, or else the content (RSS 2.0, content module)."""
    skeleton = FeedEntry()
    skeleton.guid(entry.id, permalink=_is_permalink(entry))
    skeleton.title(entry.title if entry.summary or entry.content else _atom_title(entry))
    skeleton.category(_categories(entry.categories))
    skeleton.content(entry.content, type="html")
    skeleton.comments(entry.discussion)
    if entry.summary:
        skeleton.summary(escape(entry.summary, quote=False))  # a description is HTML
    if entry.link:
        skeleton.link(href=entry.link)
    if enclosure := rss_enclosure(entry):
        skeleton.enclosure(enclosure.url, enclosure.length or "0", enclosure.type)
    if entry.origin and entry.origin.feed:
        skeleton.source(entry.origin.feed, entry.origin.title or "")
    skeleton.register_extension("vocabulary", partial(RssItem, entry))
    return skeleton


def _atom_title(entry: Entry) -> str:
    """The title, or else one made of what there is: Atom demands one (RFC 4287 section 4.2.14)."""
    said = entry.title or entry.summary or text.from_html(entry.content) or entry.link or entry.id
    return entry.title or text.shorten(text.plain(said) or "", _TITLE_LENGTH)


def _feed_authors(feed: Feed) -> tuple[Person, ...]:
    """The feed's authors, or the feed itself when an entry would have none (RFC 4287 section 4.1.1)."""
    unsigned = any(not entry.authors for entry in feed.entries)
    return feed.authors or ((Person(feed.title),) if unsigned and feed.title else ())


def _is_permalink(entry: Entry) -> bool:
    return entry.id == entry.link and (entry.id or "").startswith(("http://", "https://"))


def _people(people: Iterable[Person]) -> list[dict[str, str | None]]:
    return [{"name": it.name, "uri": it.uri, "email": it.email} for it in people]


def _categories(categories: Iterable[Category]) -> list[dict[str, str]]:
    """In feedgen's form; a label of None would be written as an empty category."""
    return [_given(term=it.term, scheme=it.scheme, label=it.label) for it in categories]


def _given(**said: str | None) -> dict[str, str]:
    return {key: value for key, value in said.items() if value}
