"""What feedgen cannot say or says wrongly, as feedgen extensions: they get the lxml element and complete it.

feedgen's Atom elements have no namespace until they are serialised, so neither have ours.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree
from msgspec import Struct

from feeds import dates, links, periods, rsl
from feeds.model import Format, Media, MediaRole
from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feeds.links import Link
    from feeds.model import Entry, Feed, Origin, Person

_CREATIVE_COMMONS = re.compile("https?://(?:www[.])?creativecommons[.]org/", re.IGNORECASE)
_ATOM_PREFIXES = ("at", "dcterms", "fh", "georss", "media", "thr")
_RSS_PREFIXES = ("creativeCommons", "dc", "dcterms", "fh", "georss", "media", "rsl", "sy", "thr")
_MARKS = re.compile("([&<])")


class AtomFeed(Struct, frozen=True):
    """Completes atom:feed: its date, history (RFC 5005) and tombstones (RFC 6721)."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares; of all extensions, only a feed's is asked."""
        return {prefix: IRIS[prefix] for prefix in _ATOM_PREFIXES}

    def extend_atom(self, root: etree._Element) -> None:
        """Called by feedgen before the entries are appended."""
        _spell_dates(root)
        _add_history(root, self.feed)
        for it in self.feed.tombstones:
            deleted = _add_element(
                root, "at:deleted-entry", ref=it.ref, when=dates.rfc3339(it.when)
            )
            _add(deleted, "at:comment", it.comment)


class AtomEntry(Struct, frozen=True):
    """Completes atom:entry: dates, links with all their attributes, language, source, media."""

    entry: Entry

    def extend_atom(self, element: etree._Element) -> None:
        """Called by feedgen when it has written what it can."""
        _spell_dates(element)
        if (bare := element.find("link")) is not None:  # feedgen writes the href and nothing else
            element.remove(bare)
        _add_links(element, "link", links.of_entry(self.entry))
        if self.entry.language:
            element.set(_tag("xml:lang"), self.entry.language)
        if self.entry.origin:
            _add_source(element, self.entry.origin)
        _add_circumstances(element, self.entry)
        _add_media(element, [it for it in self.entry.media if not _said_by_link(it)])


class RssFeed(Struct, frozen=True):
    """Completes the RSS channel: dates, people, links, times of updates."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares, beside feedgen's own (atom, content)."""
        return {prefix: IRIS[prefix] for prefix in _RSS_PREFIXES}

    def extend_rss(self, root: etree._Element) -> None:
        """Called by feedgen before the items are appended."""
        feed, (channel,) = self.feed, root
        for title in channel.iter("title"):  # the image has one too
            _spell_marks(title)
        if feed.updated:
            _add(channel, "lastBuildDate", dates.rfc822(feed.updated))
        _add_names(channel, "dc:creator", feed.authors)
        known = links.of_feed(feed, Format.RSS)
        _add_links(
            channel, "atom:link", [it for it in known if it.rel not in ("self", "alternate")]
        )
        _add_history(channel, feed)
        _add_pauses(channel, feed)
        if feed.update_seconds:
            _add_update_period(channel, feed.update_seconds)


class RssItem(Struct, frozen=True):
    """Completes an RSS item: dates, people, rights, language, links, media."""

    entry: Entry

    def extend_rss(self, item: etree._Element) -> None:
        """Called by feedgen when it has written what it can."""
        entry = self.entry
        for title in item.findall("title"):
            _spell_marks(title)
        if entry.published:
            _add(item, "pubDate", dates.rfc822(entry.published))
        if entry.updated:
            _add(item, "dcterms:modified", dates.rfc3339(entry.updated))
        _add_names(item, "dc:creator", entry.authors)
        _add_names(item, "dc:contributor", entry.contributors)
        _add(item, "dc:rights", entry.rights)
        _add(item, "dc:language", entry.language)
        known = links.of_entry(entry)
        _add_links(item, "atom:link", [it for it in known if _is_said_by_rss(it)])
        if entry.license and _CREATIVE_COMMONS.match(entry.license.uri):
            _add(item, "creativeCommons:license", entry.license.uri)
        _add_circumstances(item, entry)
        if entry.terms and entry.link:
            rsl.add_content(item, rsl.Asset(entry.link, entry.terms))
        enclosed = rss_enclosure(entry)
        _add_media(item, [it for it in entry.media if it != enclosed or not _said_by_rss(it)])


def rss_enclosure(entry: Entry) -> Media | None:
    """The media object that the item's one enclosure names: it demands a type, and better has a length."""
    enclosures = [it for it in entry.media if it.role is MediaRole.ENCLOSURE and it.type]
    return next((it for it in enclosures if it.length), next(iter(enclosures), None))


@cache
def _tag(name: str) -> str:
    """lxml's name of an element or attribute: with the namespace in place of its prefix."""
    prefix, _, local = name.rpartition(":")
    return f"{{{IRIS[prefix]}}}{local}" if prefix else name


def _add(parent: etree._Element, name: str, value: str | None) -> None:
    if value:
        etree.SubElement(parent, _tag(name)).text = value


def _add_element(parent: etree._Element, name: str, **attributes: object) -> etree._Element:
    given = {key: str(value) for key, value in attributes.items() if value is not None}
    return etree.SubElement(parent, _tag(name), given)


def _add_names(parent: etree._Element, name: str, people: Iterable[Person]) -> None:
    for person in people:
        _add(parent, name, person.name)


def _add_links(parent: etree._Element, name: str, known: Iterable[Link]) -> None:
    for link in known:
        _add_element(
            parent,
            name,
            href=link.href,
            rel=link.rel,
            type=link.type,
            title=link.title,
            hreflang=link.hreflang,
            length=link.length,
        )


def _spell_dates(parent: etree._Element) -> None:
    """Spell UTC as Z, as in all other dates; feedgen writes +00:00."""
    for date in parent.iterchildren("updated", "published"):
        date.text = dates.rfc3339(datetime.fromisoformat(date.text or ""))


def _spell_marks(title: etree._Element) -> None:
    """Spell & and < as hexadecimal references, which survive readers that un-escape twice (RSS profile)."""
    title.text, *rest = _MARKS.split(title.text or "")
    for mark, tail in zip(rest[::2], rest[1::2], strict=True):
        reference = etree.Entity(f"#x{ord(mark):X}")
        reference.tail = tail
        title.append(reference)


def _add_history(head: etree._Element, feed: Feed) -> None:
    if feed.archive:
        _add_element(head, "fh:archive")
    if feed.complete:
        _add_element(head, "fh:complete")


def _add_pauses(channel: etree._Element, feed: Feed) -> None:
    """skipHours and skipDays in order; feedgen keeps the days in a set, which has none."""
    hours = [str(hour) for hour in range(24) if hour in feed.skip_hours]
    days = [day for day in periods.DAYS if day in feed.skip_days]
    for name, child, values in (("skipHours", "hour", hours), ("skipDays", "day", days)):
        if values:
            parent = _add_element(channel, name)
            for value in values:
                _add(parent, child, value)


def _add_update_period(channel: etree._Element, seconds: int) -> None:
    """The shortest period that holds the interval, and how often it fits in: never too often."""
    longest = ("yearly", periods.SECONDS["yearly"])
    period, length = next((it for it in periods.SECONDS.items() if it[1] >= seconds), longest)
    _add(channel, "sy:updatePeriod", period)
    _add(channel, "sy:updateFrequency", str(max(1, length // seconds)))


def _add_circumstances(entry: etree._Element, said: Entry) -> None:
    """What an entry follows (RFC 4685), where it happens (GeoRSS), how long it may be shown (DCMI Period)."""
    if reply := said.in_reply_to:
        _add_element(
            entry,
            "thr:in-reply-to",
            ref=reply.ref,
            href=reply.href,
            type=reply.href and "text/html",
            source=reply.source,
        )
    for place in said.places:
        _add(entry, "georss:point", f"{place.latitude:.5f} {place.longitude:.5f}")
    if said.valid_until:
        _add(entry, "dcterms:valid", dates.period_until(said.valid_until))


def _add_source(entry: etree._Element, origin: Origin) -> None:
    """atom:source, with all that is known of the feed an entry comes from (RFC 4287 section 4.2.11)."""
    source = etree.Element("source")
    _add(source, "id", origin.id)
    _add(source, "title", origin.title)
    if origin.updated:
        _add(source, "updated", dates.rfc3339(origin.updated))
    for person in origin.authors:
        author = _add_element(source, "author")
        _add(author, "name", person.name)
        _add(author, "email", person.email)
        _add(author, "uri", person.uri)
    _add(source, "rights", origin.rights)
    _add_links(source, "link", links.of_origin(origin))
    if len(source):
        entry.append(source)


def _is_said_by_rss(link: Link) -> bool:
    """Whether RSS tells it by a link: machine terms stand in the item themselves."""
    return link.rel in ("via", "license") and link.type != rsl.MEDIA_TYPE


def _said_by_link(media: Media) -> bool:
    return media == Media(media.url, type=media.type, length=media.length, title=media.title)


def _said_by_rss(media: Media) -> bool:
    return media == Media(media.url, type=media.type, length=media.length)


def _add_media(parent: etree._Element, media: Sequence[Media]) -> None:
    """Media RSS, after the content: before it, readers take its texts for the entry's own."""
    for it in media:
        content = _add_element(
            parent,
            "media:content",
            url=it.url,
            type=it.type,
            medium=_medium(it),
            fileSize=it.length,
            duration=it.duration,
            width=it.width,
            height=it.height,
        )
        _add(content, "media:title", it.title)
        _add(content, "media:description", it.description)
        _add(content, "media:credit", it.credit)
        _add(content, "media:copyright", it.rights)
    if lead := next((it for it in media if it.role is MediaRole.ILLUSTRATION), None):
        _add_element(parent, "media:thumbnail", url=lead.url, width=lead.width, height=lead.height)


def _medium(media: Media) -> str | None:
    if media.role is MediaRole.ILLUSTRATION:
        return "image"
    kind = (media.type or "").partition("/")[0]
    return kind if kind in ("audio", "video") else None
