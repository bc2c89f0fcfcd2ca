"""save(): an article and all that belongs to it, written or updated, with every scope it touches.

Also what moves an article from one status to another: release and retraction.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, update

from feeds.identity import tag_uri
from feeds.sanitize import POLICY_VERSION
from service.errors import Refused
from service.model import ALL, Article, Change, Saved, Status
from service.store import categories, changelog, meta, people
from service.store.schema import articles, authors, bylines, filings, media, origins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row, Table

    from service.store.database import Transaction

_VISIBLE = frozenset({Status.PUBLISHED, Status.RETRACTED})
_DIGEST_VERSION = 1


def save(tx: Transaction, drafts: Sequence[Article], *, now: datetime) -> list[Saved]:
    """Write these articles, at most 50 a transaction; the answers stand in the same order.

    An article is found again by its row id, else its entry id, else (of the newsroom's own) its path. What
    is the same stays untouched; an edit that brings no newer date is dated now (ID-07). A retracted article
    is not brought back by saving it again.
    """
    return [_save_one(tx, draft, now) for draft in drafts]


def _save_one(tx: Transaction, draft: Article, now: datetime) -> Saved:
    row = _existing(tx, draft)
    digest = _digest(draft)
    if row is None:
        return _create(tx, draft, digest, now)
    if draft.source is not None:  # where an article stands is the newsroom's to decide
        draft = replace(draft, status=Status(row.status))
    same = row.digest == digest and row.status == draft.status
    if same or row.status == Status.RETRACTED:
        return Saved(row.id, row.path, row.guid, Change.UNCHANGED)
    return _edit(tx, row, draft, digest, now)


def _existing(tx: Transaction, draft: Article) -> Row[Any] | None:
    """The article that the draft is of, if it came the same way: no source edits another's (T17)."""
    if draft.id:
        condition = articles.c.id == draft.id
    elif handle := _handle(draft):
        condition = (articles.c.handle == handle) & articles.c.source.is_not_distinct_from(
            draft.source
        )
    else:
        return None
    return tx.execute(select(articles).where(condition)).one_or_none()


def _handle(draft: Article) -> str | None:
    """What was asked for, even where the id or the path turned out to be taken by another."""
    if draft.guid:
        return f"id:{draft.guid}"
    return f"path:{_path(draft)}" if draft.source is None else None


def _create(tx: Transaction, draft: Article, digest: str, now: datetime) -> Saved:
    guid = draft.guid if draft.guid and _is_free(tx, draft.guid) else _mint(tx)
    path = _free_path(tx, draft)
    values = _columns(tx, draft, now) | {
        "guid": guid,
        "handle": _handle(draft) or f"id:{guid}",
        "path": path,
        "slug": path.rpartition("/")[2],
        "digest": digest,
        "created": now,
    }
    row_id = tx.execute(insert(articles).values(values).returning(articles.c.id)).scalar_one()
    _write_parts(tx, row_id, draft, now)
    if draft.status in _VISIBLE:
        _announce(tx, row_id, draft.status, frozenset(), now)
    return Saved(row_id, path, guid, Change.CREATED)


def _edit(tx: Transaction, row: Row[Any], draft: Article, digest: str, now: datetime) -> Saved:
    is_dated = draft.updated > row.updated or digest == row.digest
    updated = draft.updated if is_dated else max(now, row.updated)
    before = _scopes(tx, row.id)
    values = _columns(tx, replace(draft, updated=updated), now) | {"digest": digest}
    tx.execute(update(articles).where(articles.c.id == row.id).values(values))
    for table in (bylines, filings, origins, media):
        tx.execute(delete(table).where(table.c.article_id == row.id))
    _write_parts(tx, row.id, draft, now)
    if _VISIBLE & {Status(row.status), draft.status}:
        _announce(tx, row.id, draft.status, before, now)
    return Saved(row.id, row.path, row.guid, Change.EDITED)


def _announce(
    tx: Transaction, row_id: int, status: Status, before: frozenset[str], now: datetime
) -> None:
    """Tell the change log where readers now see something else, and number what is published."""
    after = _scopes(tx, row_id)
    changelog.append(tx, before | after, now)
    if status is Status.PUBLISHED:
        changelog.number(tx, row_id, after - {f"article:{row_id}"})


def _scopes(tx: Transaction, row_id: int) -> frozenset[str]:
    """Every scope in which the article stands, as the change log names them."""
    canonical = (
        select(func.coalesce(authors.c.alias_of, authors.c.id))
        .join(bylines, bylines.c.author_id == authors.c.id)
        .where(bylines.c.article_id == row_id, bylines.c.role == "author")
    )
    filed = select(filings.c.category_id).where(filings.c.article_id == row_id)
    source = tx.execute(select(articles.c.source).where(articles.c.id == row_id)).scalar_one()
    return frozenset(
        {
            ALL,
            f"article:{row_id}",
            *(f"author:{number}" for number in tx.execute(canonical).scalars()),
            *(f"category:{number}" for number in tx.execute(filed).scalars()),
            *([f"source:{source}"] if source else []),
        }
    )


def _columns(tx: Transaction, draft: Article, now: datetime) -> dict[str, object]:
    note = draft.editors_note
    return {
        "title": draft.title,
        "summary": draft.summary,
        "content": draft.content,
        "policy": POLICY_VERSION,
        "language": draft.language,
        "status": draft.status.value,
        "published": draft.published,
        "updated": draft.updated,
        "expires": draft.expires,
        "source": draft.source,
        "rights": draft.rights,
        "license": draft.license,
        "note": note.html if note else None,
        "note_author_id": people.ensure(tx, note.author, now) if note and note.author else None,
        "note_date": note.date if note else None,
        "canonical_url": draft.canonical_url,
        "discussion_url": draft.discussion_url,
    }


def _write_parts(tx: Transaction, row_id: int, draft: Article, now: datetime) -> None:
    credited = [(author, "author") for author in draft.authors]
    credited += [(credit.author, credit.role) for credit in draft.contributors]
    found = dict.fromkeys((people.ensure(tx, author, now), role) for author, role in credited)
    _write(tx, bylines, row_id, [{"author_id": author, "role": role} for author, role in found])
    filed = dict.fromkeys(categories.ensure(tx, category) for category in draft.categories)
    _write(tx, filings, row_id, [{"category_id": number} for number in filed])
    _write(tx, origins, row_id, [asdict(origin) for origin in draft.origins])
    _write(tx, media, row_id, [asdict(item) | {"role": item.role.value} for item in draft.media])


def _write(tx: Transaction, table: Table, row_id: int, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        tx.execute(
            insert(table),
            [row | {"article_id": row_id, "position": n} for n, row in enumerate(rows)],
        )


def _digest(draft: Article) -> str:
    """Over all that a reader can see, and over no date that moves without an edit (DED-07)."""
    unseen = {"id", "guid", "path", "slug", "status", "updated", "retracted", "retraction_reason"}
    seen = {name: value for name, value in asdict(draft).items() if name not in unseen}
    seen["authors"] = [(author.name, author.kind, author.uri) for author in draft.authors]
    seen["contributors"] = [(credit.author.name, credit.role) for credit in draft.contributors]
    seen["categories"] = [(category.scheme, category.slug) for category in draft.categories]
    seen["origins"] = [asdict(replace(origin, updated=None)) for origin in draft.origins]
    if note := draft.editors_note:
        seen["editors_note"] = (note.html, note.author and note.author.name, note.date)
    body = json.dumps([_DIGEST_VERSION, seen], default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _is_free(tx: Transaction, guid: str) -> bool:
    return tx.execute(select(articles.c.id).where(articles.c.guid == guid)).first() is None


def _mint(tx: Transaction) -> str:
    authority, minted = meta.tag_authority(tx)
    return tag_uri(authority, minted, f"article/{uuid4().hex}")


def _path(draft: Article, suffix: str = "") -> str:
    return f"{draft.published:%Y/%m}/{draft.slug}{suffix}"


def _free_path(tx: Transaction, draft: Article) -> str:
    for ending in chain([""], (f"-{number}" for number in count(2))):
        taken = select(articles.c.id).where(articles.c.path == _path(draft, ending))
        if tx.execute(taken).first() is None:
            return _path(draft, ending)
    raise AssertionError("there is no last number")


def retract(tx: Transaction, row_id: int, *, reason: str, now: datetime) -> None:
    """Withdraw a published article: its page answers 410 and its feeds carry a tombstone.

    Raises:
        Refused: It is not published.
    """
    values = dict[str, object](
        status=Status.RETRACTED.value, retracted=now, retraction_reason=reason
    )
    _move(tx, row_id, Status.PUBLISHED, values, now)


def restore(tx: Transaction, row_id: int, *, now: datetime) -> None:
    """Publish a retracted article again.

    Raises:
        Refused: It is not retracted.
    """
    values = dict[str, object](
        status=Status.PUBLISHED.value, retracted=None, retraction_reason=None
    )
    _move(tx, row_id, Status.RETRACTED, values, now)


def _move(
    tx: Transaction, row_id: int, status: Status, values: dict[str, object], now: datetime
) -> None:
    statement = update(articles).where(articles.c.id == row_id, articles.c.status == status)
    if tx.execute(statement.values(values)).rowcount == 0:
        raise Refused(f"article {row_id} is not {status.value}")
    changelog.append(tx, _scopes(tx, row_id), now)


def expire_due(tx: Transaction, now: datetime) -> list[int]:
    """Retract every article whose time to be shown is over. Gives their row ids."""
    due = (
        select(articles.c.id)
        .where(articles.c.status == Status.PUBLISHED, articles.c.expires <= now)
        .order_by(articles.c.expires, articles.c.id)
        .limit(50)
    )
    expired = list(tx.execute(due).scalars())
    for row_id in expired:
        retract(tx, row_id, reason="The time for which it could be published is over.", now=now)
    return expired


def release_due(tx: Transaction, now: datetime) -> list[int]:
    """Publish every scheduled article whose time has come, the oldest first. Gives their row ids."""
    due = (
        select(articles.c.id)
        .where(articles.c.status == Status.SCHEDULED, articles.c.published <= now)
        .order_by(articles.c.published, articles.c.id)
        .limit(50)
    )
    released = list(tx.execute(due).scalars())
    for row_id in released:
        values = {"status": Status.PUBLISHED.value}
        tx.execute(update(articles).where(articles.c.id == row_id).values(values))
        _announce(tx, row_id, Status.PUBLISHED, frozenset(), now)
    return released
