"""What one document has beyond the limit: it waits for the next poll, and is known to do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import changes
from feeds.identity import alias, entry_page
from service.model import EntryRecord, Verdict
from service.store import entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feeds.model import Entry
    from service.ingest.poll import Poll
    from service.store import Transaction

MOST = 1_000  # entries of a document that are written down as cut


def keep(tx: Transaction, poll: Poll, cut: Sequence[Entry], now: datetime) -> None:
    """Write down the entries of which nothing is known, without their markup: the next poll reads them."""
    keyed = {key.value: (key, it) for key, it in zip(changes.keys(cut), cut, strict=True) if key}
    known = {it.key for it in entries.known(tx, poll.source.id, keyed.keys(), (), ())}
    limit = poll.runtime.config.fetch.items
    records = [
        EntryRecord(
            key=key.value,
            key_kind=key.kind.value,
            alias=alias(key.value),
            page=entry_page(it),
            markup=b"",
            raw_digest="",
            content_digest="",
            verdict=Verdict.CUT,
            reason=f"beyond the {limit} entries that [fetch] items allows: it waits for the next poll",
        )
        for key, it in keyed.values()
        if key.value not in known
    ]
    entries.record(tx, [entries.Batch(poll.source.id, poll.id, records)], now)
