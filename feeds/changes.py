"""compare(): what a document brings, against what is known of its feed. Nothing is decided here of the fate
of an entry, and nothing missing from the document is taken for deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from feeds.identity import Key, KeyKind, alias, content_digest, entry_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.model import Entry

_NEVER = datetime.min.replace(tzinfo=UTC)
_NAMELESS = "neither id nor link nor title nor date"
_OLDER = "a newer revision stands beside it"
_SAME_ID = "all entries have the same id: told apart by their links"


@dataclass(frozen=True, slots=True)
class Known:
    """What was kept of an entry that came before."""

    key: str  # Key.value
    alias: str  # identity.alias() of it
    content_digest: str


class Kind(StrEnum):
    """What an entry is, compared with what is known."""

    NEW = "new"
    EDITED = "edited"
    SAME = "same"
    REPEATED = "repeated"  # an older revision of an entry that stands in the same document
    NAMELESS = "nameless"  # there is nothing to know it by


@dataclass(frozen=True, slots=True)
class Compared:
    """An entry with its key, what it is, and the known entry that it is."""

    entry: Entry
    key: Key | None  # None for a nameless one only
    kind: Kind
    known: Known | None = None
    content_digest: str = ""
    note: str = ""  # for the operator

    @property
    def respelled(self) -> bool:
        """Whether it is a known entry under another spelling of its key."""
        if self.known is None or self.key is None:
            return False
        return self.known.key != self.key.value


def compare(entries: Iterable[Entry], known: Iterable[Known]) -> tuple[Compared, ...]:
    """Each entry of one document against the known entries of its feed, in the document's order.

    A known entry is found by its key, or else by its alias: but never when the document holds its own key
    too, and never for two entries of the document.
    """
    document = tuple(entries)
    note = _SAME_ID if _same_id(document) else ""
    own = keys(document)
    newest = _newest(document, own)
    matches = _matches([key for key in own if key], tuple(known))
    found = []
    for index, (entry, key) in enumerate(zip(document, own, strict=True)):
        if key is None:
            found.append(Compared(entry, None, Kind.NAMELESS, note=_NAMELESS))
        elif newest[key.value] != index:
            found.append(Compared(entry, key, Kind.REPEATED, note=_OLDER))
        else:
            found.append(_compared(entry, key, matches.get(key.value), note))
    return tuple(found)


def keys(entries: Iterable[Entry]) -> list[Key | None]:
    """What each entry of one document is known by; an id that stands on all of them tells nothing."""
    document = tuple(entries)
    if _same_id(document):
        document = tuple(replace(entry, id=None) for entry in document)
    return [entry_key(entry) for entry in document]


def _same_id(entries: tuple[Entry, ...]) -> bool:
    """Whether one id stands on all of several entries that lead to different pages."""
    ids = {entry.id for entry in entries}
    links = {entry.link for entry in entries}
    return len(ids) == 1 and None not in ids and len(links) > 1


def _newest(entries: tuple[Entry, ...], keys: list[Key | None]) -> dict[str, int]:
    """Which entry stands for each key: the last updated, of equals the first."""
    found: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key is None:
            continue
        best = found.setdefault(key.value, index)
        if _updated(entries[index]) > _updated(entries[best]):
            found[key.value] = index
    return found


def _updated(entry: Entry) -> datetime:
    return entry.updated or entry.published or _NEVER


def _matches(keys: list[Key], known: tuple[Known, ...]) -> dict[str, Known]:
    """The known entry that each key means, none of them meant twice."""
    by_key = {it.key: it for it in known}
    found = {key.value: by_key[key.value] for key in keys if key.value in by_key}
    free = {it.alias: it for it in reversed(known) if it.key not in found}
    for key in keys:
        if key.value not in found and key.kind is not KeyKind.HASH:
            match = free.pop(alias(key.value), None)
            if match:
                found[key.value] = match
    return found


def _compared(entry: Entry, key: Key, known: Known | None, note: str) -> Compared:
    digest = entry.content_digest or content_digest(entry)
    if known is None:
        return Compared(entry, key, Kind.NEW, None, digest, note)
    kind = Kind.SAME if known.content_digest == digest else Kind.EDITED
    return Compared(entry, key, kind, known, digest, note)
