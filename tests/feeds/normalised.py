"""normalised(feed, kind): what reading gives back of a feed written as `kind`.

This page states in full what each format cannot carry. Feeds are taken to be as the service makes them:
texts on one line, absolute URLs, one person per name and one media object per URL.
"""

from __future__ import annotations

from html import escape

from msgspec.structs import replace

from feeds import text
from feeds.model import Category, Entry, Feed, Format, Media, MediaRole, Origin, Person


def normalised(feed: Feed, kind: Format) -> Feed:
    """The feed as it comes back."""
    return {Format.ATOM: _atom, Format.RSS: _rss, Format.JSON: _json}[kind](_common(feed))


def _common(feed: Feed) -> Feed:
    """In all formats: a feed without a date has that of its newest entry or tombstone, and a language
    is said of an entry only where it is another one than the feed's.
    """
    dates = [entry.updated or entry.published for entry in feed.entries]
    dates += [tombstone.when for tombstone in feed.tombstones]
    newest = max((date for date in dates if date), default=None)
    return replace(
        feed,
        updated=feed.updated or newest,
        entries=tuple(_foreign(entry, feed) for entry in feed.entries),
    )


def _foreign(entry: Entry, feed: Feed) -> Entry:
    return replace(entry, language=None if entry.language == feed.language else entry.language)


# Atom knows neither the RSS channel's own fields nor that a feed has expired.


def _atom(feed: Feed) -> Feed:
    unsigned = any(not entry.authors for entry in feed.entries)
    authors = feed.authors or ((Person(feed.title or ""),) if unsigned else ())
    return replace(
        feed,
        authors=_atom_people(authors),
        editor=None,
        docs=None,
        ttl=None,
        skip_hours=(),
        skip_days=(),
        update_seconds=None,
        expired=False,
        entries=tuple(_atom_entry(entry, feed) for entry in feed.entries),
    )


def _atom_entry(entry: Entry, feed: Feed) -> Entry:
    """Every entry has a title and a date; one without a page has content."""
    title = entry.title or _made_up_title(entry)
    shown = None if entry.link else escape(entry.summary or title, quote=False)
    return replace(
        entry,
        title=title,
        updated=entry.updated or entry.published or feed.updated,
        content=entry.content or shown,
        authors=_atom_people(entry.authors),
        contributors=_atom_people(entry.contributors),
        media=_atom_media(entry),
        origin=_atom_origin(entry.origin),
    )


def _atom_origin(origin: Origin | None) -> Origin | None:
    """A source of which nothing is known is none."""
    if origin is None or origin == Origin():
        return None
    return replace(origin, authors=_atom_people(origin.authors))


def _atom_people(people: tuple[Person, ...]) -> tuple[Person, ...]:
    """A person has a name, a page and a mail address (RFC 4287 section 3.2)."""
    return tuple(Person(it.name, it.uri, it.email) for it in people)


def _atom_media(entry: Entry) -> tuple[Media, ...]:
    """Enclosures come first, being links."""
    enclosures = [it for it in entry.media if it.role is MediaRole.ENCLOSURE]
    pictures = [it for it in entry.media if it.role is MediaRole.ILLUSTRATION]
    return (*enclosures, *pictures)


# RSS knows of people their names, of categories their labels, of an origin the address of its feed
# and its title. Its texts and names are read as HTML. Dates of its own have no fractions of a second.


def _rss(feed: Feed) -> Feed:
    return replace(
        feed,
        id=None,
        title=text.from_html(feed.title),
        subtitle=text.from_html(feed.subtitle or feed.title),
        updated=feed.updated and feed.updated.replace(microsecond=0),
        authors=_names(feed.authors),
        rights=text.from_html(feed.rights),
        categories=_labels(feed.categories),
        icon=None,
        docs=None,
        expired=False,
        tombstones=(),
        entries=tuple(map(_rss_item, feed.entries)),
    )


def _rss_item(entry: Entry) -> Entry:
    """A description without content beside it is the content. An item has a title or a description."""
    summary = escape(entry.summary or "", quote=False) or None
    title = entry.title or (None if entry.content or summary else _made_up_title(entry))
    return replace(
        entry,
        title=text.from_html(title),
        authors=_names(entry.authors),
        contributors=_names(entry.contributors),
        published=entry.published and entry.published.replace(microsecond=0),
        summary=entry.summary if entry.content else None,
        content=entry.content or summary,
        categories=_labels(entry.categories),
        media=_rss_media(entry),
        rights=text.from_html(entry.rights),
        origin=_rss_source(entry.origin),
    )


def _rss_media(entry: Entry) -> tuple[Media, ...]:
    """The first to download that has a type leads, if it can one with a length: in the one enclosure."""
    enclosures = [it for it in entry.media if it.role is MediaRole.ENCLOSURE and it.type]
    leading = min(enclosures, key=lambda it: it.length is None, default=None)
    return tuple(sorted(entry.media, key=lambda it: it is not leading))


def _rss_source(origin: Origin | None) -> Origin | None:
    return Origin(title=origin.title, feed=origin.feed) if origin and origin.feed else None


def _names(people: tuple[Person, ...]) -> tuple[Person, ...]:
    return tuple(Person(name) for it in people if (name := text.from_html(it.name)))


def _labels(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    return tuple(dict.fromkeys(Category(it.label or it.term, it.scheme) for it in categories))


# JSON Feed has room for all but the RSS channel's update times. A feed's id is its address, unless it
# says otherwise; a next page that is the feed itself is none.


def _json(feed: Feed) -> Feed:
    return replace(
        feed,
        id=feed.id or feed.self_link,
        ttl=None,
        skip_hours=(),
        skip_days=(),
        update_seconds=None,
        next_page=feed.next_page if feed.next_page != feed.self_link else None,
        entries=tuple(_json_item(entry) for entry in feed.entries),
    )


def _json_item(entry: Entry) -> Entry:
    return replace(entry, origin=None if entry.origin == Origin() else entry.origin)


def _made_up_title(entry: Entry) -> str:
    """The beginning of the text, or else what names the entry."""
    said = entry.summary or text.from_html(entry.content) or entry.link or entry.id or ""
    return text.shorten(said, 80)
