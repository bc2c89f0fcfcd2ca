"""A document's entries on their way in, and what the rules make of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from feeds import changes, identity
from service import merging, rules
from service.model import EntryRecord, Verdict
from service.store.digesting import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from feeds.changes import Compared
    from feeds.identity import Key
    from feeds.model import Feed
    from service.config import Config, SourceSettings
    from service.model import Article
    from service.store.entries import KnownEntry

Tally = Counter[Verdict]  # how many entries met which fate


class Delivery(Struct, frozen=True):
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


class Decision(Struct, frozen=True):
    """What becomes of one entry: an article to save, or nothing and why."""

    compared: Compared
    key: Key
    known: KnownEntry | None
    first_seen: datetime
    draft: Article | None
    reason: str
    refusal: rules.Refusal | None = None
    copied: merging.Copied | None = None
    digest: str = ""  # of the draft


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
    flaws = rules.flaws(it.entry, first_seen=first_seen, now=now)
    reason = "; ".join(filter(None, (it.note, flaws)))
    draft = replace(outcome, id=known.article) if known and known.article else outcome
    return Decision(it, key, known, first_seen, draft, reason, digest=digest(draft))


def record_of(
    decision: Decision, verdict: Verdict, article: int | None, head: int | None
) -> EntryRecord:
    """The entry as it is kept, with what became of it; `article` and `head` are row ids."""
    it, key, known = decision.compared, decision.key, decision.known
    return EntryRecord(
        id=known.id if known else 0,
        key=key.value,
        key_kind=key.kind.value,
        alias=identity.alias(key.value),
        page=identity.entry_page(it.entry),
        markup=it.entry.markup,
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
