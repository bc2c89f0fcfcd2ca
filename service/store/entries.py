"""What sources sent: each entry's identity, its raw markup, and every fate it met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from service.model import EntryRecord, Verdict
from service.store.schema import entries, fates

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from feeds.model import Entry
    from service.store.database import Transaction


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """As much of a kept entry as is needed to compare a new document with it."""

    id: int
    key: str
    alias: str
    raw_digest: str
    content_digest: str
    article: int | None
    first_seen: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Fate:
    """What was decided about an entry, when and why."""

    at: datetime
    verdict: Verdict
    reason: str
    article: int | None
    poll: int | None


_KNOWN = select(
    entries.c.id,
    entries.c.key,
    entries.c.alias,
    entries.c.raw_digest,
    entries.c.content_digest,
    entries.c.article_id,
    entries.c.first_seen,
    entries.c.verdict,
).where(
    entries.c.source_id == bindparam("source"),
    entries.c.key.in_(bindparam("keys", expanding=True))
    | entries.c.alias.in_(bindparam("aliases", expanding=True)),
)
_DIGESTS = (
    select(entries.c.raw_digest)
    .where(entries.c.source_id == bindparam("source"))
    .order_by(entries.c.id.desc())
    .limit(bindparam("most"))
)


def raw_digests(tx: Transaction, source: int, *, limit: int) -> frozenset[str]:
    """The raw digests of the latest entries of a source; `source` is its row id."""
    return frozenset(tx.execute(_DIGESTS, {"source": source, "most": limit}).scalars())


def known(
    tx: Transaction, source: int, keys: Collection[str], aliases: Collection[str]
) -> list[KnownEntry]:
    """What is known of a source's entries of these keys, or of other spellings of them."""
    wanted = {"source": source, "keys": list(keys), "aliases": list(aliases)}
    rows = tx.execute(_KNOWN, wanted) if keys else ()
    return [KnownEntry(*row[:-1], Verdict(row.verdict)) for row in rows]


def record(
    tx: Transaction, source: int, poll: int, records: Sequence[EntryRecord], now: datetime
) -> None:
    """Keep these entries as they came, and what became of each."""
    for it in records:
        entry = it.id or _add(tx, source, it, now)
        if it.id:
            tx.execute(update(entries).where(entries.c.id == it.id).values(_values(it, now)))
        _add_fate(tx, entry, poll, it.verdict, it.reason, it.article, now)


def decide(
    tx: Transaction,
    entry: int,
    poll: int,
    verdict: Verdict,
    *,
    reason: str,
    article: int | None,
    now: datetime,
) -> None:
    """Write down a new fate of a kept entry, whose markup stays as it is."""
    values = {"verdict": verdict.value, "reason": reason, "article_id": article}
    tx.execute(update(entries).where(entries.c.id == entry).values(values))
    _add_fate(tx, entry, poll, verdict, reason, article, now)


def refresh(tx: Transaction, entry: int, it: Entry, now: datetime) -> None:
    """Keep the new markup of an entry whose content is the same, and its dates as written."""
    values = {
        "raw": it.raw,
        "raw_digest": it.raw_digest,
        "published_raw": it.published_raw,
        "updated_raw": it.updated_raw,
        "last_changed": now,
    }
    tx.execute(update(entries).where(entries.c.id == entry).values(values))


def _add_fate(
    tx: Transaction,
    entry: int,
    poll: int,
    verdict: Verdict,
    reason: str,
    article: int | None,
    now: datetime,
) -> None:
    values = {"entry_id": entry, "poll_id": poll, "at": now, "article_id": article}
    tx.execute(insert(fates).values(values | {"verdict": verdict.value, "reason": reason}))


def _add(tx: Transaction, source: int, it: EntryRecord, now: datetime) -> int:
    values = _values(it, now) | {"source_id": source, "first_seen": it.first_seen or now}
    return int(tx.execute(insert(entries).values(values).returning(entries.c.id)).scalar_one())


def _values(it: EntryRecord, now: datetime) -> dict[str, Any]:
    return {
        "key": it.key,
        "key_kind": it.key_kind,
        "alias": it.alias,
        "raw": it.raw,
        "raw_digest": it.raw_digest,
        "content_digest": it.content_digest,
        "published_raw": it.published_raw,
        "updated_raw": it.updated_raw,
        "article_id": it.article,
        "verdict": it.verdict.value,
        "reason": it.reason,
        "last_changed": now,
    }


def of_article(tx: Transaction, article: int) -> list[EntryRecord]:
    """Every entry that became part of an article."""
    rows = tx.execute(select(entries).where(entries.c.article_id == article).order_by(entries.c.id))
    return [_record(row) for row in rows]


def of_source(tx: Transaction, source: int, key: str) -> EntryRecord | None:
    """The entry that a source knows by that key."""
    row = tx.execute(
        select(entries).where(entries.c.source_id == source, entries.c.key == key)
    ).one_or_none()
    return _record(row) if row else None


def story(tx: Transaction, entry: int) -> list[Fate]:
    """Every fate of an entry, the oldest first."""
    rows = tx.execute(select(fates).where(fates.c.entry_id == entry).order_by(fates.c.id))
    return [
        Fate(row.at, Verdict(row.verdict), row.reason, row.article_id, row.poll_id) for row in rows
    ]


def _record(row: Row[Any]) -> EntryRecord:
    return EntryRecord(
        id=row.id,
        key=row.key,
        key_kind=row.key_kind,
        alias=row.alias,
        raw=row.raw,
        raw_digest=row.raw_digest,
        content_digest=row.content_digest,
        published_raw=row.published_raw,
        updated_raw=row.updated_raw,
        article=row.article_id,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        first_seen=row.first_seen,
    )
