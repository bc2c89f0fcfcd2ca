"""The members of JSON Feed objects as values of the model: tolerant of every type and of absence."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from feeds import dates, fields, text
from feeds.model import (
    Category,
    License,
    Media,
    MediaRole,
    Origin,
    Person,
    Place,
    Reference,
    Tombstone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import TypeVar

    T = TypeVar("T")

Object = dict[str, Any]
OURS = "_feedwright"


def object_(value: Any) -> Object:
    """The value if it is an object, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def string(value: Any) -> str | None:
    """The value if it is a string."""
    return value if isinstance(value, str) else None


def written(value: Any) -> str | None:
    """The value if it is a string, or a number as one."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number else string(value)


def line(it: Object, key: str, limit: int = fields.NAME) -> str | None:
    """Plain text on one line."""
    return fields.line(string(it.get(key)), limit)


def url(it: Object, key: str, base: str) -> str | None:
    """An absolute http(s) URL."""
    return fields.url(string(it.get(key)), base)


def moment(it: Object, key: str) -> datetime | None:
    """A date."""
    return dates.parse(string(it.get(key)) or "")


def identifier(value: Any) -> str | None:
    """An id; a number counts as it is written (JSON Feed, "id")."""
    return fields.identifier(written(value))


def content(item: Object) -> str | None:
    """The content as HTML. A plain text that only repeats the summary or title is none."""
    html = fields.html(string(item.get("content_html")))
    plain = (string(item.get("content_text")) or "")[: fields.HTML]
    if html or plain in (item.get("summary"), item.get("title")):
        return html
    return fields.html(text.paragraphs(plain))


def authors(it: Object, base: str) -> tuple[Person, ...]:
    """The authors, or else the one author of version 1.0."""
    return people(it, "authors", base) or people(it, "author", base)


def people(it: Object, key: str, base: str) -> tuple[Person, ...]:
    """Persons who have at least a name or a page; one need not stand in a list, nor a name in an object."""
    found = it.get(key)
    listed = found if isinstance(found, list) else [found]
    objects = [{"name": value} if isinstance(value, str) else value for value in listed]
    return _each({key: objects}, key, lambda value: _person(value, base))


def tags(item: Object) -> tuple[Category, ...]:
    """The categories of which nothing but a name is known."""
    named = [{"term": tag} for tag in _values(item, "tags")]
    return _each({"tags": named}, "tags", _category)


def taxonomy(ours: Object) -> tuple[Category, ...]:
    """Categories with their schemes, in our own words."""
    return _each(ours, "taxonomy", _category)


def attached(item: Object, base: str) -> tuple[Media, ...]:
    """The attachments, and the lead image after them."""
    image = {"url": item.get("image") or item.get("banner_image"), "role": "illustration"}
    values = [*_values(item, "attachments"), image]
    return _each({"media": values}, "media", lambda value: _medium(value, base))


def media(ours: Object, base: str) -> tuple[Media, ...]:
    """Media with all that is known of them, in our own words."""
    return _each(ours, "media", lambda value: _medium(value, base))


def hubs(document: Object, base: str) -> tuple[str, ...]:
    """The WebSub hubs."""
    websub = (it for it in _objects(document, "hubs") if line(it, "type") in ("WebSub", "websub"))
    return tuple(islice(filter(None, (url(it, "url", base) for it in websub)), fields.MANY))


def license_(ours: Object, base: str) -> License | None:
    """A license by its address."""
    it = object_(ours.get("license"))
    uri = url(it, "uri", base)
    return License(uri, line(it, "name")) if uri else None


def reference(ours: Object, base: str) -> Reference | None:
    """The item that another one follows or answers."""
    it = object_(ours.get("in_reply_to"))
    ref = identifier(it.get("id"))
    return Reference(ref, url(it, "url", base), url(it, "feed_url", base)) if ref else None


def places(ours: Object) -> tuple[Place, ...]:
    """Where it happens."""
    return _each(ours, "geo", _place)


def source(ours: Object, base: str) -> Origin | None:
    """The feed an item was first published in."""
    it = object_(ours.get("source"))
    origin = Origin(
        id=fields.identifier(string(it.get("id"))),
        title=line(it, "title", fields.TITLE),
        home=url(it, "home_page_url", base),
        feed=url(it, "feed_url", base),
        updated=moment(it, "updated"),
        authors=people(it, "authors", base),
        rights=line(it, "rights", fields.SUMMARY),
        license=license_(it, base),
    )
    return origin if origin != Origin() else None


def tombstones(ours: Object) -> tuple[Tombstone, ...]:
    """Items withdrawn."""
    return tuple(filter(None, map(_tombstone, _objects(ours, "deleted"))))


def _each(it: Object, key: str, read: Callable[[Object], T | None]) -> tuple[T, ...]:
    found = (read(value) for value in _objects(it, key))
    return tuple(islice((value for value in found if value is not None), fields.MANY))


def _objects(it: Object, key: str) -> Iterator[Object]:
    return (value for value in _values(it, key) if isinstance(value, dict))


def _values(it: Object, key: str) -> list[Any]:
    values = it.get(key)
    return values if isinstance(values, list) else []


def _person(it: Object, base: str) -> Person | None:
    uri = url(it, "url", base)
    name = fields.name(string(it.get("name"))) or uri
    if not name:
        return None
    return Person(name, uri, line(it, "email"), url(it, "avatar", base), line(it, "role"))


def _category(it: Object) -> Category | None:
    term = line(it, "term")
    return Category(term, line(it, "scheme", fields.URL), line(it, "label")) if term else None


def _medium(it: Object, base: str) -> Media | None:
    address = url(it, "url", base)
    if not address:
        return None
    pictured = it.get("role") == MediaRole.ILLUSTRATION.value
    return Media(
        url=address,
        role=MediaRole.ILLUSTRATION if pictured else MediaRole.ENCLOSURE,
        type=line(it, "mime_type"),
        length=_count(it, "size_in_bytes") or None,
        duration=_count(it, "duration_in_seconds"),
        width=_count(it, "width"),
        height=_count(it, "height"),
        title=line(it, "title", fields.TITLE),
        credit=line(it, "credit"),
        description=line(it, "description", fields.SUMMARY),
        rights=line(it, "rights", fields.SUMMARY),
    )


def _place(it: Object) -> Place | None:
    return fields.place(written(it.get("latitude")), written(it.get("longitude")))


def _tombstone(it: Object) -> Tombstone | None:
    ref = identifier(it.get("ref"))
    when = moment(it, "when")
    return Tombstone(ref, when, line(it, "comment", fields.SUMMARY)) if ref and when else None


def _count(it: Object, key: str) -> int | None:
    """A whole number; fractions are dropped, and numbers in quotes are taken too."""
    value = it.get(key)
    return fields.number(str(value)) if isinstance(value, int | float | str) else None
