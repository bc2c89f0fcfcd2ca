"""What is known of a document's entries before anything is decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from feeds import changes
from feeds.identity import KeyKind, alias, entry_page
from service.ingest.drifting import Drift, drifted
from service.store import entries

if TYPE_CHECKING:
    from feeds.model import Feed
    from service.ingest.poll import Poll
    from service.store import Transaction
    from service.store.entries import KnownEntry

_MOST_SHARED = 50  # ids kept of a source


class Knowledge(Struct, frozen=True):
    """Kept entries that a document may mean, and what is to be known of its ids."""

    known: dict[str, KnownEntry] = field(default_factory=dict)  # by key
    shared: tuple[str, ...] = ()  # ids that stand on several entries, and so tell nothing
    renamed: dict[str, str] = field(default_factory=dict)  # former keys by new ones
    held: frozenset[str] = frozenset()  # keys of entries that wait for the next poll


def know(poll: Poll, feed: Feed, *, is_all: bool, is_familiar: bool) -> Knowledge:
    """Look up the entries and tombstones of a document, which may not be all (`is_all`) of the feed.

    Of a source that nothing is kept of (not `is_familiar`), nothing has to be looked for.
    """
    shared = frozenset(poll.source.shared_ids) | changes.shared_ids(feed.entries)
    if not is_familiar:
        return Knowledge(shared=tuple(sorted(shared)[:_MOST_SHARED]))
    with poll.runtime.store.reading() as tx:
        found = _found(tx, poll, feed, shared)
        clashing = _clashing(feed, found)
        if clashing - shared:
            shared |= clashing
            found = _found(tx, poll, feed, shared)
        drift = Drift()
        if poll.settings.mend_ids and not poll.of_archive:
            given = [it.known() for it in found.values()]
            compared = changes.compare(feed.entries, given, shared=shared)
            drift = drifted(tx, poll.source.id, compared, feed.unchanged, is_all=is_all)
    found |= {it.key: it for it in drift.mended.values()}
    renamed = {new: it.key for new, it in drift.mended.items()}
    return Knowledge(found, tuple(sorted(shared)[:_MOST_SHARED]), renamed, drift.held)


def _found(
    tx: Transaction, poll: Poll, feed: Feed, shared: frozenset[str]
) -> dict[str, KnownEntry]:
    """By keys, other spellings and pages. What is found by its key alone is not asked for what it says.

    An entry that stands unchanged in the document is itself, and no other spelling of its neighbour.
    """
    keys = {stone.ref for stone in feed.tombstones}
    keys |= {key.value for key in changes.keys(feed.entries, shared) if key}
    pages = {at for it in feed.entries if (at := entry_page(it))}
    found = entries.known(tx, poll.source.id, keys, set(map(alias, keys)), pages)
    unchanged = set(feed.unchanged)
    others = [it for it in found if it.key not in keys and it.raw_digest not in unchanged]
    every = [it for it in found if it.key in keys] + entries.told(tx, others, whole=True)
    return {it.key: it for it in every}


def _clashing(feed: Feed, found: dict[str, KnownEntry]) -> set[str]:
    """Ids of entries that have another page than the one which stands unchanged in the same document."""
    unchanged = set(feed.unchanged)
    ids = {
        it.key: it.page
        for it in found.values()
        if it.kind is KeyKind.ID and it.raw_digest in unchanged
    }
    return {
        it.id for it in feed.entries if it.id in ids and entry_page(it) not in (None, ids[it.id])
    }
