"""A Feed as a JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from feeds import dates
from feeds.jsonfeed import members
from feeds.jsonfeed.members import OURS, Object
from feeds.model import Format, MediaRole
from feeds.publishable import publishable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import TypeVar

    from feeds.model import (
        Category,
        Entry,
        Feed,
        License,
        MachineTerms,
        Media,
        Origin,
        Person,
        Place,
        Reference,
        Tombstone,
    )

    T = TypeVar("T")

_VERSION = "https://jsonfeed.org/version/1.1"
_UNTYPED = "application/octet-stream"  # RFC 2046 section 4.5.1; an attachment must have a type


def write_json(feed: Feed) -> bytes:
    """The feed as a JSON Feed in UTF-8, its keys in one fixed order.

    Raises UnwritableFeed without a title, a page or an address of its own.
    """
    document = _document(publishable(feed, Format.JSON))
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _document(feed: Feed) -> Object:
    head = _given(
        version=_VERSION,
        title=feed.title,
        home_page_url=feed.link,
        feed_url=feed.self_link,
        description=feed.subtitle,
        next_url=feed.next_page if feed.next_page != feed.self_link else None,
        icon=feed.icon,
        favicon=feed.icon,
        **_bylines(feed.authors),
        language=feed.language,
        expired=feed.expired,
        hubs=[{"type": "WebSub", "url": hub} for hub in feed.hubs],
        _feedwright=_feed_extras(feed),
    )
    return head | {"items": [_item(entry, feed.docs) for entry in feed.entries]}


def _feed_extras(feed: Feed) -> Object:
    standard_authors = members.authors(_bylines(feed.authors), "")
    return _given(
        about=feed.docs,
        id=feed.id,
        updated=_moment(feed.updated),
        authors=_unless(standard_authors, feed.authors, _person),
        editor=feed.editor,
        taxonomy=[_category(it) for it in feed.categories],
        rights=feed.rights,
        license=_license(feed.license),
        logo=feed.logo,
        generator=feed.generator,
        current=feed.current,
        previous_archive=feed.previous_archive,
        next_archive=feed.next_archive,
        archive=feed.archive,
        complete=feed.complete,
        deleted=[_tombstone(it) for it in feed.tombstones],
    )


def _item(entry: Entry, docs: str | None) -> Object:
    pictures = [it for it in entry.media if it.role is MediaRole.ILLUSTRATION]
    item = _given(
        id=entry.id,
        url=entry.link,
        external_url=entry.via,
        title=entry.title,
        content_html=entry.content,
        summary=entry.summary,
        image=pictures[0].url if pictures else None,
        date_published=_moment(entry.published),
        date_modified=_moment(entry.updated),
        **_bylines(entry.authors),
        tags=[it.label or it.term for it in entry.categories],
        language=entry.language,
        attachments=[_attachment(it) for it in entry.media if it not in pictures],
    )
    if not entry.content:  # one of the two contents is required
        item["content_text"] = entry.summary or entry.title or ""
    extras = _entry_extras(entry, item)
    return item | ({OURS: _given(about=docs) | extras} if extras else {})


def _entry_extras(entry: Entry, item: Object) -> Object:
    """What the standard members of the item do not say."""
    return _given(
        authors=_unless(members.authors(item, ""), entry.authors, _person),
        contributors=[_person(it) for it in entry.contributors],
        taxonomy=_unless(members.tags(item), entry.categories, _category),
        rights=entry.rights,
        license=_license(entry.license),
        terms=_terms(entry.terms) if entry.terms else None,
        source=_source(entry.origin) if entry.origin else None,
        discussion=entry.discussion,
        in_reply_to=_reference(entry.in_reply_to),
        geo=[_place(it) for it in entry.places],
        valid_until=_moment(entry.valid_until),
        media=_unless(members.attached(item, ""), entry.media, _medium),
    )


def _unless(standard: tuple[T, ...], wanted: tuple[T, ...], say: Callable[[T], Object]) -> object:
    """All values in our own words, unless the standard members say the same."""
    return None if standard == wanted else [say(it) for it in wanted]


def _bylines(people: tuple[Person, ...]) -> Object:
    """The authors, and the first of them once more for readers of version 1.0."""
    authors = [_given(name=it.name, url=it.uri, avatar=it.avatar) for it in people]
    return {"author": authors[0], "authors": authors} if authors else {}


def _person(it: Person) -> Object:
    return _given(name=it.name, url=it.uri, avatar=it.avatar, email=it.email, role=it.role)


def _category(it: Category) -> Object:
    return _given(scheme=it.scheme, term=it.term, label=it.label)


def _license(it: License | None) -> Object:
    return _given(uri=it.uri, name=it.name) if it else {}


def _reference(it: Reference | None) -> Object:
    return _given(id=it.ref, url=it.href, feed_url=it.source) if it else {}


def _place(it: Place) -> Object:
    return {"latitude": round(it.latitude, 5), "longitude": round(it.longitude, 5)}


def _terms(it: MachineTerms) -> Object:
    return _given(
        republish=it.republish,
        permits=list(it.permits),
        prohibits=list(it.prohibits),
        users=list(it.users),
        payment=it.payment,
        payment_url=it.payment_url,
        valid_until=it.valid_until and it.valid_until.isoformat(),
        about=it.about,
        rsl=it.document,
    )


def _source(it: Origin) -> Object:
    return _given(
        id=it.id,
        title=it.title,
        home_page_url=it.home,
        feed_url=it.feed,
        updated=_moment(it.updated),
        authors=[_person(author) for author in it.authors],
        rights=it.rights,
        license=_license(it.license),
    )


def _attachment(it: Media) -> Object:
    return _given(
        url=it.url,
        mime_type=it.type or _UNTYPED,
        title=it.title,
        size_in_bytes=it.length,
        duration_in_seconds=it.duration,
    )


def _medium(it: Media) -> Object:
    return _given(
        url=it.url,
        role=it.role.value,
        mime_type=it.type,
        title=it.title,
        size_in_bytes=it.length,
        duration_in_seconds=it.duration,
        width=it.width,
        height=it.height,
        credit=it.credit,
        description=it.description,
        rights=it.rights,
    )


def _tombstone(it: Tombstone) -> Object:
    return _given(ref=it.ref, when=_moment(it.when), comment=it.comment)


def _moment(when: datetime | None) -> str | None:
    return dates.rfc3339(when) if when else None


def _given(**said: object) -> Object:
    """The members that say something: neither null nor false nor empty. Zero does."""
    return {key: it for key, it in said.items() if it or (it == 0 and it is not False)}
