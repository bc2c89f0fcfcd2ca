"""Entries are taken in: each becomes an article, edits one, or is refused with its reason."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds import changes
from feeds.identity import alias, page
from service import merging, rules
from service.intake.delivery import Tally, decide, record_of
from service.intake.reversing import revive, withhold
from service.model import Change, Status, Verdict
from service.store import articles, entries, heads
from service.store.entries import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from feeds.changes import Compared
    from service.intake.delivery import Decision, Delivery
    from service.model import EntryRecord, Saved
    from service.store import Transaction

_VERDICTS = {
    Change.CREATED: Verdict.IMPORTED,
    Change.EDITED: Verdict.EDITED,
    Change.UNCHANGED: Verdict.UNCHANGED,
}


class Portion(Struct, frozen=True):
    """Entries of a delivery that are saved in one transaction, and what the rules make of those with news."""

    delivery: Delivery
    entries: Sequence[Compared]
    decided: Sequence[Decision]
    marks: frozenset[object]  # its source, and all that its entries may be recognised by elsewhere


def portion(delivery: Delivery, entries: Sequence[Compared], now: datetime) -> Portion:
    """Decide about entries, which takes long: it is for before the transaction."""
    decided = [
        decide(delivery, it, it.key, now)
        for it in entries
        if it.key is not None and it.kind is not changes.Kind.SAME
    ]
    return Portion(delivery, entries, decided, _marks(delivery, entries))


def take(tx: Transaction, portions: Sequence[Portion], *, now: datetime) -> list[Tally]:
    """Save the articles of these portions, and keep each entry with its fate: as if one came after the other.

    Runs of those that cannot concern each other are saved at once.
    """
    return [tally for run in _runs(portions) for tally in _taken(tx, run, now)]


def _runs(portions: Sequence[Portion]) -> Iterator[list[Portion]]:
    """The portions in their order. One with edits stands alone, as do those that may be another's story."""
    run: list[Portion] = []
    seen: set[object] = set()
    for portion in portions:
        if run and (_is_apart(portion, run[-1]) or not seen.isdisjoint(portion.marks)):
            yield run
            run, seen = [], set()
        run.append(portion)
        seen |= portion.marks
    if run:
        yield run


def _is_apart(portion: Portion, before: Portion) -> bool:
    is_other = portion.delivery.config is not before.delivery.config
    return is_other or _is_edit(portion) or _is_edit(before)


def _is_edit(portion: Portion) -> bool:
    return any(it.kind is changes.Kind.EDITED for it in portion.entries)


def _taken(tx: Transaction, run: Sequence[Portion], now: datetime) -> list[Tally]:
    decided = _placed(tx, run)
    if len(run) > 1 and any(it.copied for it in chain.from_iterable(decided)):
        return [tally for it in run for tally in _taken(tx, [it], now)]
    return _saved(tx, run, decided, now)


def _marks(delivery: Delivery, entries: Iterable[Compared]) -> frozenset[object]:
    found: set[object] = {delivery.source}
    for it in entries:
        if it.key:
            found.add(alias(it.key.value))
        found.update((page(it.entry.via), page(it.entry.link)))
    return frozenset(found - {None})


def _saved(
    tx: Transaction,
    portions: Sequence[Portion],
    decided: Sequence[Sequence[Decision]],
    now: datetime,
) -> list[Tally]:
    numbers = iter(heads.keep(tx, [it.delivery.feed for it in portions if it.entries]))
    inherited = [next(numbers) if it.entries else None for it in portions]
    for portion, head in zip(portions, inherited, strict=True):
        _refresh(tx, portion, head, now)
    every = list(chain.from_iterable(decided))
    revive(tx, every, now)
    drafted = [(it.draft, it.digest) for it in every if it.draft]
    drafts, digests = zip(*drafted, strict=True) if drafted else ((), ())
    saved = iter(articles.save(tx, drafts, now=now, digests=digests))
    records = [
        [_recorded(tx, portion.delivery, it, head, saved, now) for it in found]
        for portion, found, head in zip(portions, decided, inherited, strict=True)
    ]
    batches = [
        Batch(portion.delivery.source, portion.delivery.poll, found)
        for portion, found in zip(portions, records, strict=True)
    ]
    kept = iter(entries.record(tx, batches, now))
    for portion, found, some in zip(portions, decided, records, strict=True):
        _tie(tx, portion, [(*it, next(kept)) for it in zip(found, some, strict=True)], now)
    return [_tally(*it) for it in zip(portions, records, strict=True)]


def _recorded(
    tx: Transaction,
    delivery: Delivery,
    it: Decision,
    head: int | None,
    saved: Iterator[Saved],
    now: datetime,
) -> EntryRecord:
    """The entry with what became of it; `saved` tells what became of the next article."""
    if it.refusal:
        withheld = withhold(tx, delivery, it, it.refusal, now)
        return record_of(it, _refused(it, it.refusal), withheld, head)
    result = next(saved)
    return record_of(it, _accepted(it, result), result.id, head)


def _tally(portion: Portion, records: Iterable[EntryRecord]) -> Tally:
    tally = Tally(record.verdict for record in records)
    kinds = Counter(it.kind for it in portion.entries)
    tally[Verdict.UNCHANGED] += kinds[changes.Kind.SAME]
    tally[Verdict.REFUSED] += kinds[changes.Kind.NAMELESS]
    return tally


def _accepted(decision: Decision, saved: Saved) -> Verdict:
    """What became of an entry whose article was saved: a draft is for a reviewer, who may have said no."""
    if decision.copied or saved.status is Status.MERGED:
        return Verdict.MERGED
    if saved.status is Status.DRAFT:
        known = decision.known
        return Verdict.REJECTED if known and known.verdict is Verdict.REJECTED else Verdict.WAITING
    return _VERDICTS[saved.change]


def _refused(decision: Decision, refusal: rules.Refusal) -> Verdict:
    """What a reviewer rejected stays so, whatever rules say of it."""
    known = decision.known
    return Verdict.REJECTED if known and known.verdict is Verdict.REJECTED else refusal.verdict


def _placed(tx: Transaction, portions: Sequence[Portion]) -> list[list[Decision]]:
    """Refuse what came from here; keep what another source has, too, as a copy of that."""
    candidates = {
        (n, it.key.value): merging.Candidate(
            portion.delivery.source, it.compared.entry, it.key, it.draft
        )
        for n, portion in enumerate(portions)
        for it in portion.decided
        if it.draft and not it.draft.id
    }
    met = merging.met(tx, portions[0].delivery.config, list(candidates.values()))
    if not any(met):
        return [list(it.decided) for it in portions]
    here = dict(zip(candidates, met, strict=True))
    return [
        [_at(it, here.get((n, it.key.value))) for it in portion.decided]
        for n, portion in enumerate(portions)
    ]


def _at(it: Decision, place: merging.Ours | merging.Copied | None) -> Decision:
    if isinstance(place, merging.Ours):
        refusal = rules.Refusal(place.reason)
        return replace(it, draft=None, reason=place.reason, refusal=refusal)
    if place is None or it.draft is None:
        return it
    draft = replace(it.draft, status=Status.MERGED)
    reason = "; ".join(filter(None, (place.reason, it.reason)))
    return replace(it, draft=draft, reason=reason, copied=place)


def _tie(
    tx: Transaction,
    portion: Portion,
    decided: Iterable[tuple[Decision, EntryRecord, int]],
    now: datetime,
) -> None:
    """Tie copies to what they are copies of, and write down which known entries have another key now."""
    for decision, record, entry in decided:
        if decision.copied and record.article:
            merging.join(tx, decision.copied, entry=entry, article=record.article, now=now)
    pairs = [
        (portion.delivery.known[it.known.key], it.key.value)
        for it in portion.entries
        if it.respelled and it.known and it.key
    ]
    if pairs:
        merging.respelled(tx, pairs, now=now)


def _refresh(tx: Transaction, portion: Portion, head: int | None, now: datetime) -> None:
    """Keep the new markup of entries whose content is the same, so that it is known next time."""
    for it in portion.entries:
        if it.kind is changes.Kind.SAME and it.known and it.key:
            known = portion.delivery.known[it.known.key]
            if known.raw_digest != it.entry.raw_digest:
                entries.refresh(tx, known.id, it.entry, it.key, head, now)
