"""compare(): what a document brings, against what is known of its feed. Nothing is decided here of the fate
of an entry, and nothing missing from the document is taken for deleted.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds.identity import canonical_url, content_digest, entry_key
from feeds.matching import Known as Known
from feeds.matching import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from feeds.identity import Key
    from feeds.model import Entry

_NEVER = datetime.min.replace(tzinfo=UTC)
_NAMELESS = "neither id nor link nor title nor date"
_OLDER = "a newer revision stands beside it"
_SHARED = "other entries have the same id: told apart by their links"


class Kind(StrEnum):
    """What an entry is, compared with what is known."""

    NEW = "new"
    EDITED = "edited"
    SAME = "same"
    REPEATED = "repeated"  # an older revision of an entry that stands in the same document
    NAMELESS = "nameless"  # there is nothing to know it by


class Compared(Struct, frozen=True):
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


def compare(
    entries: Iterable[Entry],
    known: Iterable[Known],
    *,
    shared: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> tuple[Compared, ...]:
    """Each entry of one document against the known entries of its feed, in the document's order.

    A known entry is found by its key, by a new one (`renamed`: the former by the new), or else by another
    spelling of it: but never when the document holds its own key too, and never for two entries of the
    document. `shared` are ids that are known to tell nothing.
    """
    document = tuple(entries)
    shared = {*shared, *shared_ids(document)}
    own = keys(document, shared)
    newest = _newest(document, own)
    wanted = {key.value: (key, document[newest[key.value]]) for key in own if key}
    met = matches(wanted, tuple(known), renamed or {})
    found = []
    for index, (entry, key) in enumerate(zip(document, own, strict=True)):
        if key is None:
            found.append(Compared(entry, None, Kind.NAMELESS, note=_NAMELESS))
        elif newest[key.value] != index:
            found.append(Compared(entry, key, Kind.REPEATED, note=_OLDER))
        else:
            note = _SHARED if entry.id in shared else ""
            found.append(_compared(entry, key, met.get(key.value), note))
    return tuple(found)


def keys(entries: Iterable[Entry], shared: Collection[str] = ()) -> list[Key | None]:
    """What each entry is known by; an id that is shared tells nothing, if there is a link."""
    return [
        entry_key(replace(it, id=None) if it.id in shared and it.link else it) for it in entries
    ]


def shared_ids(entries: Iterable[Entry]) -> frozenset[str]:
    """The ids that stand on several entries of one document which lead to different pages."""
    links: defaultdict[str, set[str]] = defaultdict(set)
    for it in entries:
        if it.id and it.link:
            links[it.id].add(it.link)
    several = {value: found for value, found in links.items() if len(found) > 1}
    return frozenset(it for it, found in several.items() if len(set(map(canonical_url, found))) > 1)


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


def _compared(entry: Entry, key: Key, known: Known | None, note: str) -> Compared:
    digest = entry.content_digest or content_digest(entry)
    if known is None:
        return Compared(entry, key, Kind.NEW, None, digest, note)
    kind = Kind.SAME if known.content_digest == digest else Kind.EDITED
    return Compared(entry, key, kind, known, digest, note)
