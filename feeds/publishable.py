"""What all writers begin with: the demands of a format, and a feed without what no format may carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from feeds import fields as values
from feeds import text
from feeds.errors import UnwritableFeed
from feeds.model import (
    Category,
    Entry,
    Feed,
    Format,
    License,
    MachineTerms,
    Media,
    Origin,
    Person,
    Place,
    Reference,
    Tombstone,
)
from feeds.values import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_DEMANDS = {
    Format.ATOM: ("id", "title", "updated"),  # RFC 4287 section 4.1.1
    Format.RSS: ("title", "link"),
    Format.JSON: ("title", "link", "self_link"),
}
_NAMES = {
    record: said(record)
    for record in (
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
}
# Without this field a value says nothing and is left out.
_ESSENTIAL: dict[type, str] = {
    Category: "term",
    Entry: "id",
    License: "uri",
    Media: "url",
    Person: "name",
    Reference: "ref",
    Tombstone: "ref",
}
# What a field of this name must look like, or else it is left out.
_PATTERNS = {
    "email": re.compile(r"[^\s@]+@[^\s@]+"),
    "language": values.LANGUAGE,
    "type": re.compile(r"[^\s/]+/[^\s/][^\r\n]*"),
}


def publishable(feed: Feed, kind: Format) -> Feed:
    """The feed as a writer of `kind` may take it: legal in XML 1.0, each entry once and with an id.

    Without a date of its own the feed takes that of its newest entry or tombstone. Raises
    UnwritableFeed when something that the format demands is missing.
    """
    clean: Feed = _clean(feed)
    once: dict[str | None, Entry] = {}
    for entry in clean.entries:
        once.setdefault(entry.id, _without_language_of(clean, entry))
    ready = replace(clean, entries=tuple(once.values()), updated=clean.updated or _newest(clean))
    if missing := [name for name in _DEMANDS[kind] if not getattr(ready, name)]:
        raise UnwritableFeed(f"{kind.label} demands what this feed lacks: {', '.join(missing)}")
    return ready


def _newest(feed: Feed) -> datetime | None:
    dates = [entry.updated or entry.published for entry in feed.entries]
    dates += [tombstone.when for tombstone in feed.tombstones]
    return max((date for date in dates if date), default=None)


def _without_language_of(feed: Feed, entry: Entry) -> Entry:
    same = (entry.language or "").casefold() == (feed.language or "").casefold()
    return replace(entry, language=None) if same and entry.language else entry


def _clean(value: Any) -> Any:
    """The value as it may be written, or None when nothing is left of it."""
    cleaner = _CLEANERS.get(type(value))
    return cleaner(value) if cleaner else value


def _clean_text(value: str) -> str | None:
    """What is printable is legal as well."""
    clean = value if value.isprintable() else text.legal(value)
    return clean if clean and not clean.isspace() else None


def _clean_all(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(kept for it in values if (kept := _clean(it)) is not None)


def _clean_record(record: Any) -> Any:
    changes = {}
    for name in _NAMES[type(record)]:
        old = getattr(record, name)
        if (cleaner := _CLEANERS.get(type(old))) is None:
            continue
        new = cleaner(old)
        if new and name in _PATTERNS and not _PATTERNS[name].fullmatch(new):
            new = None
        if new is not old and new != old:
            changes[name] = new
    essential = _ESSENTIAL.get(type(record))
    if essential and changes.get(essential, getattr(record, essential)) is None:
        return None
    return replace(record, **changes) if changes else record


# How a value of each type is cleaned; dates, numbers and roles are as they are.
_CLEANERS: dict[type, Callable[[Any], Any]] = {
    str: _clean_text,
    tuple: _clean_all,
    **dict.fromkeys(_NAMES, _clean_record),
}
