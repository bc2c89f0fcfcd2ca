"""What sources sent: each entry's identity, its markup, and every fate it met."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import bindparam, func, insert, select, union, update

from feeds.identity import KeyKind, alias
from feeds.likeness import Told
from feeds.matching import Known
from service.model import EntryRecord, Verdict
from service.store.among import among
from service.store.many import inserting, new_ids
from service.store.schema import articles, entries, fates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Row

    from feeds.identity import Key
    from feeds.model import Entry
    from service.store.database import Transaction


_NEVER = datetime.min.replace(tzinfo=UTC)


class KnownEntry(Struct, frozen=True):
    """As much of a kept entry as is needed to compare a new document with it."""

    id: int
    key: str
    kind: KeyKind
    alias: str
    page: str | None
    raw_digest: str
    content_digest: str
    article: int | None
    first_seen: datetime
    verdict: Verdict
    told: Told | None = None  # by its article, where more than keys is compared

    def known(self) -> Known:
        """The same for changes.compare()."""
        return Known(self.key, self.alias, self.content_digest, self.kind, self.page, self.told)


class Fate(Struct, frozen=True):
    """What was decided about an entry, when and why."""

    at: datetime
    verdict: Verdict
    reason: str
    article: int | None
    poll: int | None


_COLUMNS = (
    entries.c.id,
    entries.c.key,
    entries.c.key_kind,
    entries.c.alias,
    entries.c.page,
    entries.c.raw_digest,
    entries.c.content_digest,
    entries.c.article_id,
    entries.c.first_seen,
    entries.c.verdict,
)
_OF_SOURCE = select(*_COLUMNS).where(entries.c.source_id == bindparam("source"))
# Three searches in three indexes: SQLite would answer one condition with OR by all entries of the source.
_KNOWN = union(
    _OF_SOURCE.where(among(entries.c.key, "keys")),
    _OF_SOURCE.where(among(entries.c.alias, "aliases")),
    _OF_SOURCE.where(among(entries.c.page, "pages")),
)
_LATEST = (
    select(*_COLUMNS)
    .where(entries.c.source_id == bindparam("source"), entries.c.article_id.is_not(None))
    .order_by(entries.c.id.desc())
    .limit(bindparam("most"))
)
_TOLD = select(articles.c.id, articles.c.title, articles.c.published).where(
    among(articles.c.id, "articles")
)
_TOLD_WHOLE = _TOLD.add_columns(articles.c.content, articles.c.summary)
_DIGESTS = (
    select(entries.c.raw_digest)
    .where(entries.c.source_id == bindparam("source"))
    .order_by(entries.c.id.desc())
    .limit(bindparam("most"))
)


_EDIT = update(entries).where(entries.c.id == bindparam("entry"))
_ADD = inserting(entries)
_ADD_FATE = inserting(fates, "id")


def raw_digests(tx: Transaction, source: int, *, limit: int) -> frozenset[str]:
    """The raw digests of the latest entries of a source; `source` is its row id."""
    return frozenset(tx.execute(_DIGESTS, {"source": source, "most": limit}).scalars())


def known(
    tx: Transaction,
    source: int,
    keys: Collection[str],
    aliases: Collection[str],
    pages: Collection[str],
) -> list[KnownEntry]:
    """What is known of a source's entries of these keys, of other spellings of them, or of these pages."""
    if not keys:
        return []
    wanted = {"keys": list(keys), "aliases": list(aliases), "pages": list(pages)}
    return [_known(row) for row in tx.execute(_KNOWN, {"source": source, **wanted})]


def latest(tx: Transaction, source: int, *, limit: int) -> list[KnownEntry]:
    """The latest entries of a source that became articles."""
    return [_known(row) for row in tx.execute(_LATEST, {"source": source, "most": limit})]


def told(tx: Transaction, found: Iterable[KnownEntry], *, whole: bool) -> list[KnownEntry]:
    """These entries with what their articles say: title and date, or the `whole` text, too."""
    given = list(found)
    numbers = [it.article for it in given if it.article]
    rows = tx.execute(_TOLD_WHOLE if whole else _TOLD, {"articles": numbers}) if numbers else ()
    said = {
        row.id: Told(row.title, (row.content or row.summary or "") if whole else "", row.published)
        for row in rows
    }
    return [replace(it, told=said[it.article]) if it.article else it for it in given]


def _known(row: Any) -> KnownEntry:
    return KnownEntry(
        row.id,
        row.key,
        KeyKind(row.key_kind),
        row.alias,
        row.page,
        row.raw_digest,
        row.content_digest,
        row.article_id,
        row.first_seen,
        Verdict(row.verdict),
    )


class Batch(Struct, frozen=True):
    """Entries of a source as they came; `source` and `poll`, which brought them if any did, are row ids."""

    source: int
    poll: int | None
    records: Sequence[EntryRecord]


def record(tx: Transaction, batches: Sequence[Batch], now: datetime) -> list[int]:
    """Keep these entries, and what became of each. Gives their row ids in the same order."""
    every = [(batch, it) for batch in batches for it in batch.records]
    edited = [{"entry": it.id} | _values(it, now) for _, it in every if it.id]
    if edited:
        tx.execute(_EDIT, edited)
    made = iter(_made(tx, [(batch.source, it) for batch, it in every if not it.id], now))
    kept = [it.id or next(made) for _, it in every]
    met = [
        _fate(entry, batch.poll, it.verdict, it.reason, it.article, now)
        for entry, (batch, it) in zip(kept, every, strict=True)
    ]
    _ADD_FATE.run(tx, met)
    return kept


def decide(
    tx: Transaction,
    entry: int,
    poll: int | None,
    verdict: Verdict,
    *,
    reason: str,
    article: int | None,
    now: datetime,
) -> None:
    """Write down a new fate of a kept entry, whose markup stays as it is; `poll` decided it, if any."""
    values = {"verdict": verdict.value, "reason": reason, "article_id": article}
    tx.execute(_EDIT, values | {"entry": entry})
    _ADD_FATE.run(tx, [_fate(entry, poll, verdict, reason, article, now)])


def split(
    tx: Transaction,
    entry: int,
    *,
    old: str,
    new: str,
    article: int | None,
    reason: str,
    now: datetime,
) -> None:
    """Give an entry its old key back, and keep another of the same markup under the new one.

    Both are compared with the next document whatever their markup. An entry that has the key already stays.
    """
    same = entries.c.id == entry
    row = tx.execute(select(entries).where(same)).mappings().one()
    taken = select(entries.c.key).where(
        entries.c.source_id == row["source_id"], entries.c.key.in_((old, new)), ~same
    )
    others = set(tx.execute(taken).scalars())
    if old not in others:
        tx.execute(update(entries).where(same).values(key=old, alias=alias(old), raw_digest=""))
    if new in others:
        return
    values = {name: row[name] for name in row if name != "id"} | {
        "key": new,
        "alias": alias(new),
        "raw_digest": "",
        "article_id": article,
    }
    made = tx.execute(insert(entries).values(values).returning(entries.c.id)).scalar_one()
    _ADD_FATE.run(tx, [_fate(made, None, Verdict(row["verdict"]), reason, article, now)])


def refresh(
    tx: Transaction, entry: int, it: Entry, key: Key, head: int | None, now: datetime
) -> None:
    """Keep the new markup of an entry whose content is the same, its dates as written, and its key."""
    values = _named(key) | {
        "markup": it.markup or None,
        "raw_digest": it.raw_digest,
        "published_raw": it.published_raw,
        "updated_raw": it.updated_raw,
        "last_changed": now,
        "head_id": head,
    }
    tx.execute(_EDIT, values | {"entry": entry})


def _named(key: Key) -> dict[str, str]:
    return {"key": key.value, "key_kind": key.kind.value, "alias": alias(key.value)}


def _fate(
    entry: int,
    poll: int | None,
    verdict: Verdict,
    reason: str,
    article: int | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "entry_id": entry,
        "poll_id": poll,
        "at": now,
        "verdict": verdict.value,
        "reason": reason,
        "article_id": article,
    }


def _made(
    tx: Transaction, records: Sequence[tuple[int, EntryRecord]], now: datetime
) -> Sequence[int]:
    """Keep new entries of these sources, all at once; gives their row ids."""
    ids = new_ids(tx, entries, len(records)) if records else ()
    rows = [
        _values(it, now) | {"id": row_id, "source_id": source, "first_seen": it.first_seen or now}
        for row_id, (source, it) in zip(ids, records, strict=True)
    ]
    _ADD.run(tx, rows)
    return ids


def _values(it: EntryRecord, now: datetime) -> dict[str, Any]:
    return {
        "key": it.key,
        "key_kind": it.key_kind,
        "alias": it.alias,
        "page": it.page,
        "markup": it.markup or None,
        "raw_digest": it.raw_digest,
        "content_digest": it.content_digest,
        "published_raw": it.published_raw,
        "updated_raw": it.updated_raw,
        "article_id": it.article,
        "verdict": it.verdict.value,
        "reason": it.reason,
        "last_changed": now,
        "head_id": it.head,
    }


def of_article(tx: Transaction, article: int) -> list[EntryRecord]:
    """Every entry that became part of an article."""
    rows = tx.execute(select(entries).where(entries.c.article_id == article).order_by(entries.c.id))
    return [record_of(row) for row in rows]


def of(tx: Transaction, numbers: Sequence[int]) -> list[EntryRecord]:
    """The entries of these row ids, in their order; each has to exist."""
    rows = tx.execute(select(entries).where(entries.c.id.in_(numbers)))
    found = {row.id: record_of(row) for row in rows}
    return [found[number] for number in numbers]


def as_known(it: EntryRecord) -> KnownEntry:
    """As much of an entry as a new document is compared with."""
    return KnownEntry(
        id=it.id,
        key=it.key,
        kind=KeyKind(it.key_kind),
        alias=it.alias,
        page=it.page,
        raw_digest=it.raw_digest,
        content_digest=it.content_digest,
        article=it.article,
        first_seen=it.first_seen or _NEVER,
        verdict=it.verdict,
    )


def following(tx: Transaction, source: int, after: int, *, limit: int) -> list[EntryRecord]:
    """The kept entries of a source whose row ids come after that one, in their order."""
    query = (
        select(entries)
        .where(entries.c.source_id == source, entries.c.id > after)
        .order_by(entries.c.id)
        .limit(limit)
    )
    return [record_of(row) for row in tx.execute(query)]


def number(tx: Transaction, source: int) -> int:
    """How many entries of a source are kept."""
    query = select(func.count()).where(entries.c.source_id == source)
    return int(tx.execute(query).scalar_one())


def story(tx: Transaction, entry: int) -> list[Fate]:
    """Every fate of an entry, the oldest first."""
    rows = tx.execute(select(fates).where(fates.c.entry_id == entry).order_by(fates.c.id))
    return [
        Fate(row.at, Verdict(row.verdict), row.reason, row.article_id, row.poll_id) for row in rows
    ]


def record_of(row: Row[Any]) -> EntryRecord:
    """The entry of a row that has every column of the table."""
    return EntryRecord(
        id=row.id,
        key=row.key,
        key_kind=row.key_kind,
        alias=row.alias,
        page=row.page,
        markup=row.markup or b"",
        raw_digest=row.raw_digest,
        content_digest=row.content_digest,
        published_raw=row.published_raw,
        updated_raw=row.updated_raw,
        article=row.article_id,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        first_seen=row.first_seen,
        head=row.head_id,
    )
