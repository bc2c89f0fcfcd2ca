"""Taking a document's entries in: each becomes an article, edits one, or is refused with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from feeds import changes, identity
from service import merging, rules
from service.model import KEPT_OUT, Change, EntryRecord, Status, Verdict
from service.store import articles, entries, heads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from feeds.changes import Compared
    from feeds.identity import Key
    from feeds.model import Feed, Tombstone
    from service.config import Config, SourceSettings
    from service.model import Article, Saved
    from service.store import Transaction
    from service.store.entries import KnownEntry

Tally = Counter[Verdict]

_WITHHELD = "Withheld"  # how the reason of what a rule took back begins
_TAKEN_BACK = KEPT_OUT | {Verdict.WITHDRAWN}
_VERDICTS = {
    Change.CREATED: Verdict.IMPORTED,
    Change.EDITED: Verdict.EDITED,
    Change.UNCHANGED: Verdict.UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document that came from a source, with what is known of the source's entries."""

    source: int  # row id
    poll: int | None  # row id; None when nobody was asked
    settings: SourceSettings
    config: Config
    feed: Feed
    known: dict[str, KnownEntry]  # by key
    shared: Collection[str] = ()  # ids that tell nothing
    renamed: Mapping[str, str] = field(default_factory=dict)  # former keys by new ones
    held: Collection[str] = ()  # keys of entries that wait for the next poll

    def compared(self) -> tuple[Compared, ...]:
        """The document's entries against the known ones, without older revisions of the same."""
        known = [it.known() for it in self.known.values()]
        compared = changes.compare(
            self.feed.entries, known, shared=self.shared, renamed=self.renamed
        )
        return tuple(
            it
            for it in compared
            if it.kind is not changes.Kind.REPEATED and not (it.key and it.key.value in self.held)
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one entry: an article to save, or nothing and why."""

    compared: Compared
    key: Key
    known: KnownEntry | None
    first_seen: datetime
    draft: Article | None
    reason: str
    refusal: rules.Refusal | None = None
    copied: merging.Copied | None = None


def take(tx: Transaction, delivery: Delivery, chunk: Sequence[Compared], *, now: datetime) -> Tally:
    """Save these entries' articles, and keep each entry with its fate."""
    same = [it for it in chunk if it.kind is changes.Kind.SAME]
    head = heads.keep(tx, delivery.feed) if chunk else None
    _refresh(tx, delivery, same, head, now)
    decisions = [
        decide(delivery, it, it.key, now)
        for it in chunk
        if it.key is not None and it.kind is not changes.Kind.SAME
    ]
    decisions = _placed(tx, delivery, decisions)
    _revive(tx, decisions, now)
    drafts = [it.draft for it in decisions if it.draft]
    saved = iter(articles.save(tx, drafts, now=now))
    records = []
    for decision in decisions:
        if decision.refusal:
            withheld = _withheld(tx, delivery, decision, decision.refusal, now)
            verdict = _refused(decision, decision.refusal)
            records.append(_record(decision, verdict, withheld, head))
        else:
            result = next(saved)
            records.append(_record(decision, _accepted(decision, result), result.id, head))
    kept = entries.record(tx, delivery.source, delivery.poll, records, now)
    _tie(tx, delivery, chunk, zip(decisions, records, kept, strict=True), now)
    tally = Tally(record.verdict for record in records)
    tally[Verdict.UNCHANGED] += len(same)
    tally[Verdict.REFUSED] += sum(it.kind is changes.Kind.NAMELESS for it in chunk)
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


def _placed(tx: Transaction, delivery: Delivery, found: Sequence[Decision]) -> list[Decision]:
    """Refuse what came from here; keep what another source has, too, as a copy of that."""
    new = [it for it in found if it.draft and not it.draft.id]
    candidates = [merging.Candidate(it.compared.entry, it.key, it.draft) for it in new if it.draft]
    here = merging.met(tx, delivery.config, delivery.source, candidates)
    placed = {id(it): _at(it, place) for it, place in zip(new, here, strict=True)}
    return [placed.get(id(it), it) for it in found]


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
    delivery: Delivery,
    chunk: Sequence[Compared],
    decided: Iterable[tuple[Decision, EntryRecord, int]],
    now: datetime,
) -> None:
    """Tie copies to what they are copies of, and write down which known entries have another key now."""
    for decision, record, entry in decided:
        if decision.copied and record.article:
            merging.join(tx, decision.copied, entry=entry, article=record.article, now=now)
    renamed = [it for it in chunk if it.respelled and it.known and it.key]
    if renamed:
        pairs = [
            (delivery.known[it.known.key], it.key.value) for it in renamed if it.known and it.key
        ]
        merging.respelled(tx, pairs, now=now)


def _revive(tx: Transaction, decisions: Sequence[Decision], now: datetime) -> None:
    """Publish again what its source withdrew and has now corrected, and what a rule withheld and now lets in.

    What an editor retracted stays so.
    """
    for it in decisions:
        if it.draft and it.known and it.known.article and it.known.verdict in _TAKEN_BACK:
            article = articles.by_id(tx, it.known.article)
            if article and article.retracted and _is_back(it.known, it.draft, article):
                articles.restore(tx, article.id, now=now)
            elif article and article.status is Status.DRAFT is not it.draft.status:
                articles.let_out(tx, article.id, now=now)


def _is_back(known: KnownEntry, draft: Article, article: Article) -> bool:
    if known.verdict is Verdict.WITHDRAWN:
        return article.retracted is not None and draft.updated > article.retracted
    return is_withheld(article.retraction_reason)


def is_withheld(reason: str | None) -> bool:
    """Whether an article that was retracted for that reason was taken back by a rule."""
    return (reason or "").startswith(f"{_WITHHELD}:")


def _withheld(
    tx: Transaction,
    delivery: Delivery,
    decision: Decision,
    refusal: rules.Refusal,
    now: datetime,
) -> int | None:
    """Take back what an earlier revision had brought, now that the entry is refused."""
    known = decision.known
    if known is None or known.article is None:
        return None
    article = articles.by_id(tx, known.article)
    if article and article.status is Status.PUBLISHED:
        articles.retract(tx, article.id, reason=f"{_WITHHELD}: {refusal.told}", now=now)
        merging.outlive(tx, delivery.config, article, now=now)
    elif article and article.status is Status.SCHEDULED:
        articles.hold_back(tx, article.id, now=now)
    return known.article


def withdraw(tx: Transaction, delivery: Delivery, *, now: datetime) -> Tally:
    """Obey tombstones: only this source's own entries, and none older than what is stored (TMB-04)."""
    tally = Tally()
    for stone in delivery.feed.tombstones:
        known = _meant(delivery, stone.ref)
        if known and known.article and _retract(tx, delivery, stone, known, now):
            tally[Verdict.WITHDRAWN] += 1
    return tally


def _meant(delivery: Delivery, ref: str) -> KnownEntry | None:
    """The entry of that key, or else of the only one that is another spelling of it on the same site."""
    if ref in delivery.known:
        return delivery.known[ref]
    named, at = identity.alias(ref), identity.site(ref)
    found = [it for it in delivery.known.values() if it.alias == named]
    same = [it for it in found if at and identity.site(it.key) == at]
    return same[0] if len(same) == 1 else None


def _retract(
    tx: Transaction, delivery: Delivery, stone: Tombstone, known: KnownEntry, now: datetime
) -> bool:
    article = articles.by_id(tx, known.article) if known.article else None
    if article is None or stone.when < article.updated or known.verdict is Verdict.WITHDRAWN:
        return False
    reason = stone.comment or f"withdrawn by {delivery.settings.name}"
    if article.status is Status.PUBLISHED:
        articles.retract(tx, article.id, reason=reason, now=now)
        merging.outlive(tx, delivery.config, article, now=now)
    elif article.status is Status.SCHEDULED:
        articles.hold_back(tx, article.id, now=now)
    elif known.verdict is not Verdict.WAITING:
        return False
    entries.decide(
        tx, known.id, delivery.poll, Verdict.WITHDRAWN, reason=reason, article=article.id, now=now
    )
    return True


def _refresh(
    tx: Transaction,
    delivery: Delivery,
    same: Iterable[Compared],
    head: int | None,
    now: datetime,
) -> None:
    """Keep the new markup of entries whose content is the same, so that it is known next time."""
    for it in same:
        known = delivery.known[it.known.key] if it.known else None
        if known and it.key and known.raw_digest != it.entry.raw_digest:
            entries.refresh(tx, known.id, it.entry, it.key, head, now)


def decide(delivery: Delivery, it: Compared, key: Key, now: datetime) -> Decision:
    """What the rules make of an entry. Nothing is asked of the database, and nothing is changed in it."""
    known = delivery.known[it.known.key] if it.known else None
    first_seen = known.first_seen if known else now
    outcome = rules.apply(
        it.entry,
        delivery.feed,
        delivery.settings,
        delivery.config,
        first_seen=first_seen,
        now=now,
        is_taken=known is not None and known.article is not None,
    )
    if isinstance(outcome, rules.Refusal):
        return Decision(it, key, known, first_seen, None, outcome.reason, outcome)
    article = known.article if known and known.article else 0
    flaws = rules.flaws(it.entry, first_seen=first_seen, now=now)
    reason = "; ".join(filter(None, (it.note, flaws)))
    return Decision(it, key, known, first_seen, replace(outcome, id=article), reason)


def _record(
    decision: Decision, verdict: Verdict, article: int | None, head: int | None
) -> EntryRecord:
    it, key, known = decision.compared, decision.key, decision.known
    return EntryRecord(
        id=known.id if known else 0,
        key=key.value,
        key_kind=key.kind.value,
        alias=identity.alias(key.value),
        page=identity.entry_page(it.entry),
        raw=it.entry.raw,
        raw_digest=it.entry.raw_digest,
        content_digest=it.content_digest,
        published_raw=it.entry.published_raw,
        updated_raw=it.entry.updated_raw,
        verdict=verdict,
        reason=decision.reason,
        article=article,
        head=head,
        first_seen=decision.first_seen,
    )
