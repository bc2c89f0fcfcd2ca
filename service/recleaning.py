"""Texts cleaned anew, once a release has another policy of what may stand in them (SAN-09).

What a source sent is read from its kept markup; the newsroom's own text, whose file is the original, is
cleaned as it stands. Who ends it in the midst calls it again: what is done is known by its policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds import sanitize
from service import rules
from service.model import KEPT_OUT
from service.replaying import read_again
from service.store import cleaning, entries, heads
from service.store.cleaning import Cleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.replaying import Replayed
    from service.runtime import Runtime
    from service.store.cleaning import Outdated

_AT_ONCE = 50  # articles


class Recleaned(Struct, frozen=True):
    """How many texts were cleaned anew."""

    done: int = 0
    changed: int = 0  # of these, are others now
    as_stored: int = 0  # of these, of sources, but without markup that can be read again
    left: int = 0  # were saved by others meanwhile


def reclean(runtime: Runtime, *, progress: Callable[[int, int], None] | None = None) -> Recleaned:
    """Clean every text of an older policy anew, fifty to a transaction, until the process is to stop.

    `progress` is told how many are done, and how many there are. Dates stay as they are (ID-07).
    """
    found = Recleaned()
    with runtime.store.reading() as tx:
        whole = cleaning.number_outdated(tx)
    last = 0
    while not runtime.stopping.is_set():
        with runtime.store.reading() as tx:
            some = cleaning.outdated(tx, after=last, limit=_AT_ONCE)
        if not some:
            break
        found = _with(runtime, found, some)
        last = some[-1].id
        if progress:
            progress(min(found.done + found.left, whole), whole)
    return found


def _with(runtime: Runtime, found: Recleaned, some: Sequence[Outdated]) -> Recleaned:
    again = _again(runtime, some)
    cleaned = [(it, _cleaned(runtime, it, again.get(it.id))) for it in some]
    with runtime.store.writing() as tx:
        now = runtime.clock.now()
        results = [cleaning.renew(tx, was, text, now) for was, text in cleaned]
    bare = [it for it in some if it.source and _entry(again.get(it.id)) is None]
    return replace(
        found,
        done=found.done + sum(it is not None for it in results),
        changed=found.changed + sum(it is True for it in results),
        as_stored=found.as_stored + len(bare),
        left=found.left + sum(it is None for it in results),
    )


def _again(runtime: Runtime, some: Sequence[Outdated]) -> dict[int, Replayed]:
    """What sources sent for these articles, read again, by the articles' row ids."""
    with runtime.store.reading() as tx:
        by_article = cleaning.entries_of(tx, [it.id for it in some if it.source])
        kept = entries.of(tx, list(by_article.values()))
        inherited = heads.of(tx, [it.head for it in kept if it.head])
    slugs = {it.id: it.source for it in some}
    found: dict[int, Replayed] = {}
    for slug in dict.fromkeys(slugs.values()):
        records = [it for it in kept if slugs.get(it.article or 0) == slug]
        for it in read_again(runtime, records, inherited, _spared(runtime, slug)):
            found[it.record.article or 0] = it
    return found


def _spared(runtime: Runtime, slug: str | None) -> tuple[str, ...]:
    settings = runtime.config.source(slug) if slug else None
    return settings.beacons if settings else ()


def _entry(again: Replayed | None) -> object:
    return again.entry if again else None


def _cleaned(runtime: Runtime, was: Outdated, again: Replayed | None) -> Cleaned:
    note = sanitize.clean(was.note, base=None, spared=None) if was.note is not None else None
    settings = runtime.config.source(was.source) if was.source else None
    if again and again.entry and settings and again.record.verdict not in KEPT_OUT:
        content = rules.content(again.entry, settings)
        return Cleaned(content, note, again.entry.summary)
    spared = _spared(runtime, was.source) if was.source else None
    return Cleaned(sanitize.clean(was.content, base=None, spared=spared), note)
