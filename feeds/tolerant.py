"""Feeds that are not well-formed or of a rare dialect, read as well as can be by feedparser.

Where feedparser's guesses are known to be wrong they are undone, and every value is checked: its records
may lack any key and hold values of any type.
"""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import Any

import feedparser
from msgspec.structs import replace

from feeds import dates, fields, loose, rsl, text
from feeds.errors import NotAFeed
from feeds.identity import inherited, raw_digest
from feeds.model import Category, Entry, Feed, License, Media, MediaRole, Origin, Person

_Record = dict[str, Any]

_TEXTS = ("text/plain", *fields.PAGE_TYPES)
_UTF_8 = {"content-type": "application/xml; charset=utf-8"}


def read(markup: str, *, url: str, problem: str) -> Feed:
    """The feed in `markup`, a document from its root element on; `problem` tells why it is read here.

    An entry that breaks off is left out. Raises NotAFeed, or ForbiddenMarkup for markup that would keep
    feedparser busy for too long.
    """
    parsed = _parsed(markup, problem)
    head, records = _record(parsed, "feed"), _records(parsed, "entries")
    dialect = _text(parsed, "version").rstrip("nu")  # RSS 0.91 by Netscape or Userland
    if not dialect or not (head or records):
        raise NotAFeed(f"no feed can be made out: {problem}")
    base = fields.url(url) or ""
    feed = _head(head, dialect, base)
    truncated = loose.is_truncated(markup)
    pieces = loose.entries(markup)
    if len(pieces) != len(records):  # which piece is which entry cannot be told
        pieces = [""] * len(records)
    if truncated and pieces and not loose.is_finished(pieces[-1]):
        del pieces[-1]
    from_head = inherited(feed, base)
    entries = [
        replace(
            _entry(record, feed, base),
            raw=piece,
            raw_digest=raw_digest(piece.encode(), from_head) if piece else "",
        )
        for record, piece in islice(zip(records, pieces, strict=False), fields.ENTRIES)
    ]
    truncated = truncated or len(records) > fields.ENTRIES
    return replace(feed, entries=tuple(entries), problems=(problem,), truncated=truncated)


def _parsed(markup: str, problem: str) -> _Record:
    """What feedparser makes of it. It is not told the URL: it would resolve ids against it too."""
    document = BytesIO(loose.tamed(markup).encode())
    try:
        return dict(
            feedparser.parse(
                document,
                response_headers=_UTF_8,
                resolve_relative_uris=False,
                sanitize_html=False,
            )
        )
    except Exception as error:  # whatever it raises: OverflowError for a reference, ValueError ...
        raise NotAFeed(f"nothing can be made out: {problem}") from error


def _head(head: _Record, dialect: str, base: str) -> Feed:
    links = _records(head, "links")
    image = _record(head, "image")
    typed = dialect.startswith("atom")
    return Feed(
        id=fields.identifier(_text(head, "id")),
        title=_line(head, "title", fields.TITLE, typed=typed),
        subtitle=_line(head, "subtitle", fields.SUMMARY, typed=typed),
        link=fields.url(_text(head, "link"), base),
        self_link=_target(links, "self", base),
        language=fields.language(_text(head, "language")),
        updated=dates.parse(_text(head, "updated") or _text(head, "published")),
        authors=_people(head, "authors", base),
        editor=fields.line(_text(head, loose.EDITOR), fields.NAME),
        rights=_line(head, "rights", fields.SUMMARY, typed=typed),
        license=_license(links, base),
        categories=_categories(head),
        icon=fields.url(_text(head, "icon"), base),
        logo=fields.url(_text(head, "logo") or _text(image, "href"), base),
        generator=fields.line(_text(head, "generator"), fields.NAME),
        hubs=tuple(filter(None, [_target(links, "hub", base)])),
        ttl=fields.number(_text(head, "ttl")),
        dialect=dialect,
        base=base or None,
    )


def _entry(record: _Record, feed: Feed, base: str) -> Entry:
    links = _records(record, "links")
    typed = feed.dialect.startswith("atom")
    summary, content = _summary_and_content(record, typed=typed)
    published = fields.line(_text(record, "published"), fields.NAME)
    updated = fields.line(_text(record, "updated"), fields.NAME)
    return Entry(
        id=fields.identifier(_text(record, "id")),
        title=_line(record, "title", fields.TITLE, typed=typed),
        link=_link(record, base, typed=typed),
        authors=_people(record, "authors", base),
        contributors=_people(record, "contributors", base),
        published=dates.parse(published or ""),
        updated=dates.parse(updated or ""),
        summary=summary,
        content=content,
        categories=_categories(record),
        media=_media(record, links, base),
        rights=_line(record, "rights", fields.SUMMARY, typed=typed),
        license=_license(links, base),
        origin=_origin(_record(record, "source"), base),
        via=_target(links, "via", base),
        discussion=fields.url(_text(record, "comments"), base) or _target(links, "replies", base),
        published_raw=published,
        updated_raw=updated,
        base=base or None,
    )


def _summary_and_content(record: _Record, *, typed: bool) -> tuple[str | None, str | None]:
    """feedparser makes the content the summary too when there is none, and decodes content of any type.
    A lone description in RSS is the content.
    """
    found = next((it for it in _records(record, "content") if _text(it, "type") in _TEXTS), {})
    value = _text(found, "value")
    if not value and not typed:
        return None, fields.html(_text(record, "summary"))
    copied = value == _text(record, "summary")
    summary = None if copied else _line(record, "summary", fields.SUMMARY, typed=typed)
    plain = typed and _text(found, "type") == "text/plain"
    return summary, fields.html(text.paragraphs(value) if plain else value)


def _link(record: _Record, base: str, *, typed: bool) -> str | None:
    """The permalink. feedparser takes any id for one; a guid is, if it is a whole URL by itself."""
    links = _records(record, "links")
    pages = [link for link in links if _text(link, "type") in fields.PAGE_TYPES]
    guid = _text(record, "id") if record.get("guidislink") and not typed else ""
    return (
        _target(pages, "alternate", base) or _target(links, "alternate", base) or fields.url(guid)
    )


def _people(record: _Record, key: str, base: str) -> tuple[Person, ...]:
    found = (_person(it, base) for it in _records(record, key))
    return fields.first_ones(it for it in found if it)


def _person(record: _Record, base: str) -> Person | None:
    keys = ("name", "email", "href")
    name, mail, page = (_text(record, key).replace(loose.AT, "@") for key in keys)
    email = fields.line(mail, fields.NAME)
    uri = fields.url(page, base)
    called = fields.name(fields.prose(name, fields.NAME)) or uri
    return Person(called, uri, email) if called else None


def _categories(record: _Record) -> tuple[Category, ...]:
    found = (
        Category(
            term,
            fields.line(_text(tag, "scheme"), fields.URL),
            fields.line(_text(tag, "label"), fields.NAME),
        )
        for tag in _records(record, "tags")
        if (term := fields.line(_text(tag, "term"), fields.NAME))
    )
    return fields.first_ones(found)


def _media(record: _Record, links: list[_Record], base: str) -> tuple[Media, ...]:
    enclosed = (_medium(it, "href", base) for it in links if _text(it, "rel") == "enclosure")
    shown = (_medium(it, "url", base) for it in _records(record, "media_content"))
    once: dict[str, Media] = {}
    for found in filter(None, (*enclosed, *shown)):
        once.setdefault(found.url, found)
    return fields.first_ones(once.values())


def _medium(record: _Record, address: str, base: str) -> Media | None:
    url = fields.url(_text(record, address), base)
    if url is None:
        return None
    media_type = fields.line(_text(record, "type"), fields.NAME)
    kind = _text(record, "medium") or (media_type or "").partition("/")[0]
    shown = address == "url" and kind == "image"
    return Media(
        url,
        MediaRole.ILLUSTRATION if shown else MediaRole.ENCLOSURE,
        type=media_type,
        length=fields.number(_text(record, "length") or _text(record, "filesize")) or None,
        duration=fields.number(_text(record, "duration")),
        width=fields.number(_text(record, "width")),
        height=fields.number(_text(record, "height")),
    )


def _origin(source: _Record, base: str) -> Origin | None:
    links = _records(source, "links")
    found = Origin(
        id=fields.identifier(_text(source, "id")),
        title=fields.prose(_text(source, "title"), fields.TITLE),
        home=_target(links, "alternate", base),
        feed=_target(links, "self", base) or fields.url(_text(source, "href"), base),
        updated=dates.parse(_text(source, "updated")),
        authors=_people(source, "authors", base),
        rights=fields.prose(_text(source, "rights"), fields.SUMMARY),
        license=_license(links, base),
    )
    return found if found != Origin() else None


def _license(links: list[_Record], base: str) -> License | None:
    for_people = [it for it in links if _text(it, "type") != rsl.MEDIA_TYPE]
    uri = _target(for_people, "license", base)
    return License(uri) if uri else None


def _target(links: list[_Record], rel: str, base: str) -> str | None:
    targets = (fields.url(_text(it, "href"), base) for it in links if _text(it, "rel") == rel)
    return next(filter(None, targets), None)


def _line(record: _Record, key: str, limit: int, *, typed: bool) -> str | None:
    """A text on one line. Atom says what is HTML; elsewhere all text is read as such, as strict does."""
    detail = _record(record, f"{key}_detail")
    as_html = not typed or _text(detail, "type") != "text/plain"
    return (fields.prose if as_html else fields.line)(_text(record, key), limit)


def _text(record: _Record, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _record(record: _Record, key: str) -> _Record:
    value = record.get(key)
    return dict(value) if isinstance(value, dict) else {}


def _records(record: _Record, key: str) -> list[_Record]:
    value = record.get(key)
    return [dict(it) for it in value if isinstance(it, dict)] if isinstance(value, list) else []
