"""Ids that drift: a feed whose entries come under other ids than before (DED-04).

Asked for by a source's `mend_ids` only, since it rests on likeness. What the document itself still holds is
never taken for anything else (DED-05), nor is what might be one of several.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field

from feeds.changes import Kind
from feeds.identity import entry_page
from feeds.likeness import is_renamed
from feeds.matching import told
from service.store import entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feeds.changes import Compared
    from feeds.likeness import Told
    from service.store import Transaction
    from service.store.entries import KnownEntry

_MOST = 5  # entries a poll
_LOOKED_AT = 1_000  # of the latest known entries


class Drift(Struct, frozen=True):
    """Known entries that have come under new keys."""

    mended: dict[str, KnownEntry] = field(default_factory=dict)  # by their new keys
    held: frozenset[str] = frozenset()  # new keys of more, which wait for the next poll


def drifted(
    tx: Transaction,
    source: int,
    compared: Iterable[Compared],
    unchanged: Iterable[str],
    *,
    is_all: bool,
) -> Drift:
    """Find the known entries that new ones of a document are; `unchanged` are raw digests that it holds, too.

    Those beyond the bound wait, rather than come in as new; all do unless the document `is_all` that stands
    in the feed, since what is missing from a part of it need not be gone.
    """
    document = tuple(compared)
    fresh = [it for it in document if it.kind is Kind.NEW]
    if not fresh:
        return Drift()
    present = {it.known.key for it in document if it.known} | {
        it.key.value for it in document if it.key
    }
    gone = set(unchanged)
    absent = [
        it
        for it in entries.latest(tx, source, limit=_LOOKED_AT)
        if it.key not in present and it.raw_digest not in gone
    ]
    pairs = _pairs(fresh, _likely(tx, fresh, absent))
    mended = dict(islice(pairs.items(), _MOST if is_all else 0))
    return Drift(mended, frozenset(pairs.keys() - mended.keys()))


def _likely(
    tx: Transaction, fresh: Sequence[Compared], absent: Sequence[KnownEntry]
) -> list[KnownEntry]:
    """What is alike in title and date, with its text."""
    said = [told(it.entry) for it in fresh]
    found = [
        it
        for it in entries.told(tx, absent, whole=False)
        if it.told and any(is_renamed(one, it.told, same_page=True) for one in said)
    ]
    return entries.told(tx, found, whole=True)


def _pairs(fresh: Sequence[Compared], likely: Sequence[KnownEntry]) -> dict[str, KnownEntry]:
    """By new key, where neither the new entry nor the known one might be another, too."""
    here = Counter(entry_page(it.entry) for it in fresh)
    there = Counter(it.page for it in likely)
    single = {at for at in here if at and here[at] == there[at] == 1}
    found = [
        (it.key.value, known)
        for it in fresh
        if it.key
        for known in likely
        if _is_same(told(it.entry), known, entry_page(it.entry), single)
    ]
    new = Counter(value for value, _ in found)
    old = Counter(known.key for _, known in found)
    return {value: known for value, known in found if new[value] == old[known.key] == 1}


def _is_same(said: Told, known: KnownEntry, at: str | None, single: set[str]) -> bool:
    same_page = at in single and at == known.page
    return known.told is not None and is_renamed(said, known.told, same_page=same_page)
