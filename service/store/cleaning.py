"""Which articles were cleaned by an older policy, and their texts cleaned anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from feeds.sanitize import POLICY_VERSION
from service.model import Status
from service.store.digesting import digest as digest
from service.store.schema import articles, entries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Version:
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
