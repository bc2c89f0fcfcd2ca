"""Heads of documents, as far as entries inherit from them: each is kept once, however often it comes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from feeds.model import Feed, License, Person
from service.store.flat import flat
from service.store.schema import heads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.store.database import Transaction

_PLAIN = ("id", "title", "link", "self_link", "language", "rights", "base", "dialect")


def keep(tx: Transaction, feed: Feed) -> int:
    """The row id of a document's head, which is added if it is new."""
    told: dict[str, Any] = {name: getattr(feed, name) for name in _PLAIN}
    told["authors"] = [flat(it) for it in feed.authors]
    told["license"] = flat(feed.license) if feed.license else None
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    found = tx.execute(select(heads.c.id).where(heads.c.digest == digest)).scalar()
    if found is None:
        values = {"digest": digest, "told": told}
        found = tx.execute(insert(heads).values(values).returning(heads.c.id)).scalar_one()
    return int(found)


def of(tx: Transaction, numbers: Iterable[int]) -> dict[int, Feed]:
    """These heads by their row ids."""
    rows = tx.execute(select(heads).where(heads.c.id.in_(set(numbers))))
    return {row.id: _head(row.told) for row in rows}


def _head(told: dict[str, Any]) -> Feed:
    license_ = told["license"]
    return Feed(
        **{name: told[name] for name in _PLAIN},
        authors=tuple(Person(**it) for it in told["authors"]),
        license=License(**license_) if license_ else None,
    )
