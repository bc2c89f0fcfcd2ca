"""What feedgen cannot say or says wrongly, as feedgen extensions: they get the lxml element and complete it.

feedgen's Atom elements have no namespace until they are serialised, so neither have ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from feeds import dates, links
from feeds.model import Format, Media, MediaRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.links import Link
    from feeds.model import Entry, Feed, Origin, Person

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
MEDIA = "http://search.yahoo.com/mrss/"
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PERIODS = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 604800,
    "monthly": 2592000,
    "yearly": 31536000,
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MARKS = re.compile("([&<])")


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """Completes atom:feed: history (RFC 5005) and tombstones (RFC 6721)."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares; only this method of an extension reaches it."""
        return {"at": TOMBSTONES, "fh": HISTORY, "media": MEDIA}

    def extend_atom(self, root: etree._Element) -> None:
        """Called by feedgen before the entries are appended."""
        _add_history(root, self.feed)
        for tombstone in self.feed.tombstones:
            when = dates.rfc3339(tombstone.when)
            deleted = etree.SubElement(
                root, f"{{{TOMBSTONES}}}deleted-entry", ref=tombstone.ref, when=when
            )
            _add(deleted, f"{{{TOMBSTONES}}}comment", tombstone.comment)


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """Completes atom:entry: links with all their attributes, source, language, media."""

    entry: Entry

    def extend_atom(self, element: etree._Element) -> None:
        """Called by feedgen when it has written what it can."""
        for bare in element.findall("link"):  # feedgen writes the href and nothing else
            element.remove(bare)
        _add_links(element, "link", links.of_entry(self.entry))
        if self.entry.language:
            element.set(_XML_LANG, self.entry.language)
        if self.entry.origin:
            _add_source(element, self.entry.origin)
        _add_media(element, (it for it in self.entry.media if not _said_by_link(it)))


@dataclass(frozen=True, slots=True)
class RssFeed:
    """Completes the RSS channel: dates, people, links, update times."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares, beside those of feedgen itself (atom, content)."""
        return {
            "dc": DC,
            "dcterms": DCTERMS,
            "fh": HISTORY,
            "media": MEDIA,
            "sy": SYNDICATION,
        }

    def extend_rss(self, root: etree._Element) -> None:
        """Called by feedgen before the items are appended."""
        (channel,) = root
        for title in channel.iter("title"):
            _spell_marks(title)
        if self.feed.updated:
            _add(channel, "lastBuildDate", dates.rfc822(self.feed.updated))
        _add_names(channel, "creator", self.feed.authors)
        known = links.of_feed(self.feed, Format.RSS)
        feedgens_own = ("self", "alternate")
        _add_links(channel, f"{{{ATOM}}}link", (it for it in known if it.rel not in feedgens_own))
        _add_history(channel, self.feed)
        _add_pauses(channel, self.feed)
        if self.feed.update_seconds:
            _add_update_period(channel, self.feed.update_seconds)


@dataclass(frozen=True, slots=True)
class RssItem:
    """Completes an RSS item: dates, people, rights, links, language, media."""

    entry: Entry

    def extend_rss(self, item: etree._Element) -> None:
        """Called by feedgen when it has written what it can."""
        entry = self.entry
        for title in item.findall("title"):
            _spell_marks(title)
        if entry.published:
            _add(item, "pubDate", dates.rfc822(entry.published))
        if entry.updated:
            _add(item, f"{{{DCTERMS}}}modified", dates.rfc3339(entry.updated))
        _add_names(item, "creator", entry.authors)
        _add_names(item, "contributor", entry.contributors)
        _add(item, f"{{{DC}}}rights", entry.rights)
        _add(item, f"{{{DC}}}language", entry.language)
        known = links.of_entry(entry)
        _add_links(item, f"{{{ATOM}}}link", (it for it in known if it.rel in ("via", "license")))
        enclosed = rss_enclosure(entry)
        _add_media(item, (it for it in entry.media if it != enclosed or not _said_by_rss(it)))


def rss_enclosure(entry: Entry) -> Media | None:
    """The one media object that the item's enclosure can name: it demands a length and a type."""
    enclosures = (media for media in entry.media if media.role is MediaRole.ENCLOSURE)
    return next((it for it in enclosures if it.length is not None and it.type), None)


def _add(parent: etree._Element, tag: str, value: str | None) -> None:
    if value:
        etree.SubElement(parent, tag).text = value


def _add_names(parent: etree._Element, role: str, people: Iterable[Person]) -> None:
    for person in people:
        _add(parent, f"{{{DC}}}{role}", person.name)


def _add_links(parent: etree._Element, tag: str, known: Iterable[Link]) -> None:
    for link in known:
        _add_element(
            parent,
            tag,
            href=link.href,
            rel=link.rel,
            type=link.type,
            hreflang=link.hreflang,
            title=link.title,
            length=link.length,
        )


def _add_element(
    parent: etree._Element, tag: str, **attributes: str | int | None
) -> etree._Element:
    given = {name: str(value) for name, value in attributes.items() if value is not None}
    return etree.SubElement(parent, tag, given)


def _spell_marks(title: etree._Element) -> None:
    """Spell & and < as hexadecimal references: what reads them survives un-escaping twice (RSS profile)."""
    text, *rest = _MARKS.split(title.text or "")
    title.text = text
    for mark, tail in zip(rest[::2], rest[1::2], strict=True):
        reference = etree.Entity(f"#x{ord(mark):X}")
        reference.tail = tail
        title.append(reference)


def _add_history(head: etree._Element, feed: Feed) -> None:
    for name, said in (("archive", feed.archive), ("complete", feed.complete)):
        if said:
            etree.SubElement(head, f"{{{HISTORY}}}{name}")


def _add_pauses(channel: etree._Element, feed: Feed) -> None:
    """skipHours and skipDays in order; feedgen keeps the days in a set, which has none."""
    hours = [str(hour) for hour in range(24) if hour in feed.skip_hours]
    days = [day for day in _DAYS if day in feed.skip_days]
    for tag, name, values in (("skipHours", "hour", hours), ("skipDays", "day", days)):
        if values:
            parent = etree.SubElement(channel, tag)
            for value in values:
                _add(parent, name, value)


def _add_update_period(channel: etree._Element, seconds: int) -> None:
    """The shortest period that holds the interval, and how often it fits in: never too often."""
    longest = ("yearly", _PERIODS["yearly"])
    period, length = next((it for it in _PERIODS.items() if it[1] >= seconds), longest)
    _add(channel, f"{{{SYNDICATION}}}updatePeriod", period)
    _add(channel, f"{{{SYNDICATION}}}updateFrequency", str(max(1, length // seconds)))


def _add_source(entry: etree._Element, origin: Origin) -> None:
    """atom:source with all that is known of the feed an entry comes from (RFC 4287 section 4.2.11)."""
    source = etree.Element("source")
    _add(source, "id", origin.id)
    _add(source, "title", origin.title)
    if origin.updated:
        _add(source, "updated", dates.rfc3339(origin.updated))
    for person in origin.authors:
        author = etree.SubElement(source, "author")
        _add(author, "name", person.name)
        _add(author, "email", person.email)
        _add(author, "uri", person.uri)
    _add(source, "rights", origin.rights)
    _add_links(source, "link", links.of_origin(origin))
    if len(source):
        entry.append(source)


def _said_by_link(media: Media) -> bool:
    return media == Media(media.url, type=media.type, length=media.length, title=media.title)


def _said_by_rss(media: Media) -> bool:
    return media == Media(media.url, type=media.type, length=media.length)


def _add_media(parent: etree._Element, objects: Iterable[Media]) -> None:
    """Media RSS, after the content: before it, readers take its texts for the entry's own."""
    for media in objects:
        content = _add_element(
            parent,
            f"{{{MEDIA}}}content",
            url=media.url,
            type=media.type,
            medium=_medium(media),
            fileSize=media.length,
            duration=media.duration,
            width=media.width,
            height=media.height,
        )
        _add(content, f"{{{MEDIA}}}title", media.title)
        _add(content, f"{{{MEDIA}}}description", media.description)
        _add(content, f"{{{MEDIA}}}credit", media.credit)


def _medium(media: Media) -> str | None:
    if media.role is MediaRole.ILLUSTRATION:
        return "image"
    kind = (media.type or "").partition("/")[0]
    return kind if kind in ("audio", "video") else None
