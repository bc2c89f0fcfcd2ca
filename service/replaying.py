"""What a source sent is read again as it was kept, without asking anybody."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from feeds import rereading
from feeds.errors import FeedError
from feeds.model import Feed
from service import packing
from service.errors import NotFound, Unreadable
from service.store import entries, heads, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from feeds.model import Entry
    from service.config import SourceSettings
    from service.model import EntryRecord, Source
    from service.runtime import Runtime

_AT_ONCE = 50  # entries
_LARGEST = 1_000_000  # characters of markup read at once
_NOWHERE = Feed()


class Replayed(Struct, frozen=True):
    """A kept entry, as it was read from its markup."""

    record: EntryRecord
    head: Feed  # of the document that it stood in
    entry: Entry | None  # None where the markup was not kept, or cannot be read any more


def source_of(runtime: Runtime, slug: str) -> tuple[Source, SourceSettings]:
    """A source of config.toml: where it stands, and its settings.

    Raises:
        NotFound: config.toml names no such source, or it was never seen.
    """
    settings = runtime.config.source(slug)
    with runtime.store.reading() as tx:
        found = sources.at(tx, slug)
    if settings is None or found is None:
        raise NotFound(f"config.toml names no source {slug!r}")
    return found, settings


def replayed(
    runtime: Runtime, source: Source, *, progress: Callable[[int, int], None] | None = None
) -> Iterator[list[Replayed]]:
    """Every kept entry of a source, fifty at a time, the oldest first.

    `progress` is told how many are done, and how many there are.
    """
    settings = runtime.config.source(source.slug)
    spared = settings.beacons if settings else ()
    with runtime.store.reading() as tx:
        whole = entries.number(tx, source.id)
    last = done = 0
    while True:
        with runtime.store.reading() as tx:
            found = entries.following(tx, source.id, last, limit=_AT_ONCE)
            inherited = heads.of(tx, [it.head for it in found if it.head])
        if not found:
            return
        yield read_again(runtime, found, inherited, spared)
        last, done = found[-1].id, done + len(found)
        if progress:
            progress(done, whole)


def read_again(
    runtime: Runtime,
    found: Sequence[EntryRecord],
    inherited: dict[int, Feed],
    spared: Collection[str],
) -> list[Replayed]:
    """These entries, in their order; `inherited` are their heads by row id.

    Pictures from the hosts `spared` may count readers.
    """
    again: list[Replayed] = []
    for number, some in groupby(found, key=lambda it: it.head if it.markup else None):
        records, head = list(some), inherited.get(number or 0)
        if head is None:  # kept by a release that kept no heads, or not kept at all
            again += [Replayed(it, _NOWHERE, None) for it in records]
            continue
        for part in _parts(records):
            entries_of = _entries(runtime, [it.text for it in part], head, spared)
            again += [
                Replayed(it.record, head, entry and _as_kept(entry, it.record, head))
                for it, entry in zip(part, entries_of, strict=True)
            ]
    return again


class _Unpacked(NamedTuple):
    record: EntryRecord
    text: str  # its markup; nothing where it cannot be unpacked


def _parts(records: Sequence[EntryRecord]) -> Iterator[list[_Unpacked]]:
    """The records in their order, as many at a time as one document may hold."""
    part: list[_Unpacked] = []
    size = 0
    for it in map(_unpacked, records):
        if part and size + len(it.text) > _LARGEST:
            yield part
            part, size = [], 0
        part.append(it)
        size += len(it.text)
    yield part


def _unpacked(record: EntryRecord) -> _Unpacked:
    try:
        return _Unpacked(record, packing.unpacked(record.markup))
    except ValueError:  # in a database from elsewhere
        return _Unpacked(record, "")


def _entries(
    runtime: Runtime, texts: Sequence[str], head: Feed, spared: Collection[str]
) -> list[Entry] | list[Entry | None]:
    """What is read from them all at once, or one by one where some cannot be read."""
    found = _read(runtime, texts, head, spared)
    if len(found) == len(texts):
        return found
    alone = [_read(runtime, [it], head, spared) for it in texts] if len(texts) > 1 else [found]
    return [it[0] if len(it) == 1 else None for it in alone]


def _read(
    runtime: Runtime, texts: Sequence[str], head: Feed, spared: Collection[str]
) -> list[Entry]:
    body = rereading.document(texts, head.dialect)
    try:
        feed = runtime.parser.read(
            body, url=head.base or "", content_type=None, known=(), spared=spared
        )
    except (FeedError, Unreadable):
        return []
    return list(feed.entries)


def _as_kept(entry: Entry, record: EntryRecord, head: Feed) -> Entry:
    """The entry with what was written down of it, which hangs on all of the document."""
    inherits = (entry.language or "").casefold() == (head.language or "").casefold()
    return replace(
        entry,
        language=None if inherits else entry.language,
        markup=record.markup,
        raw_digest=record.raw_digest,
        content_digest=record.content_digest,
    )
