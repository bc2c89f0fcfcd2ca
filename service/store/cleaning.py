"""Which articles were cleaned by an older policy, and their texts cleaned anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import bindparam, func, select, update

from feeds.sanitize import POLICY_VERSION
from service.model import Status
from service.store import changelog, texts
from service.store.assembling import assemble
from service.store.digesting import digest as digest
from service.store.saving import stand
from service.store.schema import articles, entries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.store.database import Transaction


class Version(Struct, frozen=True):
    """As much of an article as tells whether a draft of it says something else."""

    digest: str
    status: Status
    release: datetime | None
    retraction_reason: str | None


_VERSIONS = select(
    articles.c.id,
    articles.c.digest,
    articles.c.status,
    articles.c.release,
    articles.c.retraction_reason,
).where(articles.c.id.in_(bindparam("numbers", expanding=True)))


def versions(tx: Transaction, numbers: Iterable[int]) -> dict[int, Version]:
    """These articles by row id."""
    return {
        row.id: Version(row.digest, Status(row.status), row.release, row.retraction_reason)
        for row in tx.execute(_VERSIONS, {"numbers": sorted(set(numbers))})
    }


def is_outdated(tx: Transaction, source: int) -> bool:
    """Whether an article of that source, by row id, was cleaned by an older policy."""
    query = (
        select(articles.c.id)
        .join(entries, entries.c.article_id == articles.c.id)
        .where(entries.c.source_id == source, articles.c.policy < POLICY_VERSION)
        .limit(1)
    )
    return tx.execute(query).first() is not None


class Outdated(Struct, frozen=True):
    """An article whose text was cleaned by an older policy."""

    id: int
    source: str | None  # slug
    content: str
    note: str | None  # the editor's, as HTML


class Cleaned(Struct, frozen=True):
    """The same text by the policy of this release."""

    content: str
    note: str | None
    summary: str | None = None  # None: as it was


_OLDER = articles.c.policy < POLICY_VERSION
_OUTDATED = (
    select(articles.c.id, articles.c.source, articles.c.content, articles.c.note)
    .where(_OLDER, articles.c.id > bindparam("after"))
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
_ENTRIES = (
    select(entries.c.article_id, func.max(entries.c.id))
    .where(entries.c.article_id.in_(bindparam("numbers", expanding=True)))
    .group_by(entries.c.article_id)
)


def outdated(tx: Transaction, *, after: int = 0, limit: int) -> list[Outdated]:
    """The articles of an older policy whose row ids come after that one, in their order."""
    return [Outdated(*row) for row in tx.execute(_OUTDATED, {"after": after, "most": limit})]


def number_outdated(tx: Transaction) -> int:
    """How many articles were cleaned by an older policy."""
    return int(tx.execute(select(func.count()).select_from(articles).where(_OLDER)).scalar_one())


def entries_of(tx: Transaction, numbers: Iterable[int]) -> dict[int, int]:
    """The row id of the last entry of each of these articles that came from a source."""
    rows = tx.execute(_ENTRIES, {"numbers": list(numbers)})
    return {row[0]: row[1] for row in rows}


def renew(tx: Transaction, was: Outdated, text: Cleaned, now: datetime) -> bool | None:
    """Put the cleaned text in place; gives whether it is another.

    It is no edit (ID-07): `updated` stays, and no archive tells of it. Feeds and pages are made anew. None
    when the article was saved by others meanwhile.
    """
    row = tx.execute(_HELD, {"id": was.id}).one()
    if row.policy >= POLICY_VERSION or (row.content, row.note) != (was.content, was.note):
        return None
    summary = row.summary if text.summary is None else text.summary
    values = {"policy": POLICY_VERSION}
    if (text.content, text.note, summary) == (row.content, row.note, row.summary):
        tx.execute(update(articles).where(articles.c.id == was.id).values(values))
        return False
    said = {"content": text.content, "note": text.note, "summary": summary}
    tx.execute(update(articles).where(articles.c.id == was.id).values(values | said))
    (renewed,) = assemble(tx, tx.execute(_WHOLE, {"id": was.id}).all())
    told = digest(renewed)
    tx.execute(update(articles).where(articles.c.id == was.id).values(digest=told))
    texts.refresh(tx, [was.id])
    if row.status in _SEEN:
        changelog.append(tx, stand(tx, was.id).scopes, now)
    return True


_SEEN = {Status.PUBLISHED.value, Status.RETRACTED.value}
_WHOLE = select(articles).where(articles.c.id == bindparam("id"))
_HELD = select(
    articles.c.policy, articles.c.content, articles.c.note, articles.c.summary, articles.c.status
).where(articles.c.id == bindparam("id"))
