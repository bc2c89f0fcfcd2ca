"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feeds.linting import values
from feeds.linting.findings import Flaw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

_VERSION = "https://jsonfeed.org/version/1.1"
_FEED = """version title home_page_url feed_url description user_comment next_url icon favicon author authors
    language expired hubs items"""
_ITEM = """id url external_url title content_html content_text summary image banner_image date_published
    date_modified author authors tags language attachments"""
_MEMBERS = {"feed": frozenset(_FEED.split()), "item": frozenset(_ITEM.split())}
_FEED_URLS = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_URLS = ("url", "external_url", "image", "banner_image")

Object = dict[str, Any]


def flaws(document: str, url: str | None, now: datetime | None) -> Iterator[Flaw]:
    """What is wrong with the document; the place of a flaw is the path of the member."""
    try:
        feed = json.loads(document)
    except (ValueError, RecursionError) as error:
        yield Flaw("SAXError", "document", str(error))
        return
    yield from _feed(feed, url)
    listed = feed.get("items")
    items = [it for it in listed if isinstance(it, dict)] if isinstance(listed, list) else []
    if not isinstance(listed, list) or len(items) < len(listed):
        yield Flaw("MissingElement", "items", "a list of objects")
    for number, item in enumerate(items):
        yield from _item(f"items[{number}]", item, now)
    ids = [(f"items[{n}].id", str(it["id"])) for n, it in enumerate(items) if it.get("id")]
    yield from values.identities(ids)
    dates = [
        (f"items[{n}].date_modified", str(it["date_modified"]))
        for n, it in enumerate(items)
        if it.get("date_modified")
    ]
    yield from values.repeated(dates, "DuplicateUpdated")


def _feed(feed: Object, url: str | None) -> Iterator[Flaw]:
    if feed.get("version") != _VERSION:
        yield Flaw("ObsoleteVersion", "version", str(feed.get("version")))
    yield from _members("", feed, _MEMBERS["feed"], ("title",))
    yield from _addresses("", feed, _FEED_URLS)
    if "feed_url" not in feed:
        yield Flaw("MissingSelf", "feed_url")
    elif url is not None and feed["feed_url"] != url:
        yield Flaw("SelfDoesntMatchLocation", "feed_url", f"{feed['feed_url']}, served at {url}")
    if "next_url" in feed and feed["next_url"] == feed.get("feed_url"):
        yield Flaw("NextUrlLoops", "next_url", str(feed["next_url"]))
    for at, hub in _objects("", feed, "hubs"):
        yield from _demanded(at, hub, ("type", "url"))


def _item(at: str, item: Object, now: datetime | None) -> Iterator[Flaw]:
    at = f"{at}."
    yield from _members(at, item, _MEMBERS["item"], ("id",))
    yield from _addresses(at, item, _ITEM_URLS)
    if not {"content_html", "content_text"} & set(item):
        yield Flaw("MissingElement", f"{at}content_html", "content_html or content_text")
    for name in ("date_published", "date_modified"):
        if name in item:
            yield from values.rfc_3339(f"{at}{name}", str(item[name]), now)
    for name in ("title", "summary"):
        yield from values.plain(f"{at}{name}", str(item.get(name, "")), "ContainsHTML")
    yield from values.html(f"{at}content_html", str(item.get("content_html", "")))
    for place, attachment in _objects(at, item, "attachments"):
        yield from _demanded(place, attachment, ("url", "mime_type"))
        yield from values.media_type(place, attachment.get("mime_type"))
        yield from _addresses(f"{place}.", attachment, ("url",))


def _members(
    at: str, it: Object, known: Collection[str], demanded: Collection[str]
) -> Iterator[Flaw]:
    """Members that the format has, has to have, or leaves to others."""
    yield from _demanded(at.rstrip("."), it, demanded)
    yield from values.language(f"{at}language", it.get("language"))
    for name, value in it.items():
        if not name.startswith("_") and name not in known:
            yield Flaw("UndefinedElement", f"{at}{name}", name)
        elif name.startswith("_") and not (isinstance(value, dict) and "." not in name):
            yield Flaw("InvalidExtension", f"{at}{name}", name)
    for place, author in _objects(at, it, "authors"):
        if not {"name", "url", "avatar"} & set(author):
            yield Flaw("MissingElement", place, "name, url or avatar")
        yield from _addresses(f"{place}.", author, ("url", "avatar"))


def _demanded(at: str, it: Object, names: Collection[str]) -> Iterator[Flaw]:
    """Members that have to be there, as texts."""
    for name in names:
        if not (isinstance(it.get(name), str) and it[name].strip()):
            yield Flaw("MissingElement", at or "document", name)


def _addresses(at: str, it: Object, names: Collection[str]) -> Iterator[Flaw]:
    for name in names:
        if name in it:
            yield from values.full_url(f"{at}{name}", str(it[name]))


def _objects(at: str, it: Object, name: str) -> Iterator[tuple[str, Object]]:
    listed = it.get(name)
    for number, value in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(value, dict):
            yield f"{at}{name}[{number}]", value
