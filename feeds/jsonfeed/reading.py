"""A JSON document as a Feed; dates, authors and ids as loosely as they are written in the wild."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feeds import fields
from feeds.errors import ForbiddenMarkup, NotAFeed
from feeds.identity import raw_digest
from feeds.jsonfeed import members
from feeds.jsonfeed.members import OURS, Object, line, url
from feeds.model import Entry, Feed

if TYPE_CHECKING:
    from collections.abc import Collection

_VERSION = "jsonfeed.org/version/"
_DIALECTS = {"1": "json10", "1.1": "json11"}
_LONGEST_NUMBER = 15  # digits that a float holds exactly


def read_json(body: bytes, *, url: str, known: Collection[str] = frozenset()) -> Feed:
    """The feed in a JSON document that came from `url`; items whose raw digest is known are passed over.

    Raises NotAFeed when the document is no JSON Feed, ForbiddenMarkup when it is nested beyond reason.
    """
    try:
        document = _document(body)
        items = [(item, _dumped(item)) for item in document["items"][: fields.ENTRIES]]
    except RecursionError as error:
        raise ForbiddenMarkup("nested beyond all reason") from error
    base = fields.url(url) or members.url(document, "feed_url", "") or ""
    inherited = _dumped([base, *(document.get(key) for key in ("authors", "author", "language"))])
    entries, unchanged = [], []
    for item, raw in items:
        digest = raw_digest(raw.encode(), inherited.encode())
        if digest in known:
            unchanged.append(digest)
        else:
            entries.append(_entry(members.object_(item), base, raw, digest))
    return _feed(document, base, entries, tuple(unchanged))


def _document(body: bytes) -> Object:
    try:
        found = json.loads(body, parse_int=_integer, parse_constant=lambda _: None)
    except ValueError as error:
        raise NotAFeed("neither XML nor JSON") from error
    document = members.object_(found)
    if _VERSION not in (members.string(document.get("version")) or ""):
        raise NotAFeed("JSON, but no JSON Feed")
    if not isinstance(document.get("items"), list):
        raise NotAFeed("a JSON Feed without items")
    return document


def _integer(digits: str) -> int | str:
    """A long number is kept as it is written: it may be an id."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _feed(document: Object, base: str, entries: list[Entry], unchanged: tuple[str, ...]) -> Feed:
    ours = members.object_(document.get(OURS))
    self_link = url(document, "feed_url", base)
    identified = tuple(entry for entry in entries if entry.id)
    dropped = len(entries) - len(identified)
    return Feed(
        id=fields.identifier(members.string(ours.get("id"))) or self_link,
        title=line(document, "title", fields.TITLE),
        subtitle=line(document, "description", fields.SUMMARY),
        link=url(document, "home_page_url", base),
        self_link=self_link,
        language=fields.language(members.string(document.get("language"))),
        updated=members.moment(ours, "updated"),
        authors=members.people(ours, "authors", base) or members.authors(document, base),
        editor=line(ours, "editor"),
        rights=line(ours, "rights", fields.SUMMARY),
        license=members.license_(ours, base),
        categories=members.taxonomy(ours),
        icon=url(document, "icon", base) or url(document, "favicon", base),
        logo=url(ours, "logo", base),
        generator=line(ours, "generator"),
        docs=url(ours, "about", base),
        hubs=members.hubs(document, base),
        previous_archive=url(ours, "previous_archive", base),
        next_archive=url(ours, "next_archive", base),
        current=url(ours, "current", base),
        next_page=url(document, "next_url", base),
        archive=ours.get("archive") is True,
        complete=ours.get("complete") is True,
        expired=document.get("expired") is True,
        entries=identified,
        tombstones=members.tombstones(ours),
        dialect=_DIALECTS.get(document["version"].rpartition("/")[2], "json11"),
        problems=(f"{dropped} items without an id were left out",) if dropped else (),
        truncated=len(document["items"]) > fields.ENTRIES,
        unchanged=unchanged,
        base=base or None,
    )


def _entry(item: Object, base: str, raw: str, digest: str) -> Entry:
    ours = members.object_(item.get(OURS))
    return Entry(
        id=members.identifier(item.get("id")),
        title=line(item, "title", fields.TITLE),
        link=url(item, "url", base),
        authors=members.people(ours, "authors", base) or members.authors(item, base),
        contributors=members.people(ours, "contributors", base),
        published=members.moment(item, "date_published"),
        updated=members.moment(item, "date_modified"),
        summary=line(item, "summary", fields.SUMMARY),
        content=members.content(item),
        categories=members.taxonomy(ours) or members.tags(item),
        media=members.media(ours, base) or members.attached(item, base),
        rights=line(ours, "rights", fields.SUMMARY),
        license=members.license_(ours, base),
        origin=members.source(ours, base),
        via=url(item, "external_url", base),
        discussion=url(ours, "discussion", base),
        in_reply_to=members.reference(ours, base),
        places=members.places(ours),
        valid_until=members.moment(ours, "valid_until"),
        language=fields.language(members.string(item.get("language"))),
        published_raw=_written(item, "date_published"),
        updated_raw=_written(item, "date_modified"),
        base=base or None,
        raw=raw,
        raw_digest=digest,
    )


def _written(item: Object, key: str) -> str | None:
    return fields.line(members.written(item.get(key)), fields.NAME)
