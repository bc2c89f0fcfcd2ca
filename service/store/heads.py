"""Heads of documents, as far as entries inherit from them: each is kept once, however often it comes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from feeds.model import Feed, License, Person
from service.store.among import among
from service.store.flat import flat
from service.store.many import inserting, new_ids
from service.store.schema import heads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.store.database import Transaction

_KNOWN = select(heads.c.digest, heads.c.id).where(among(heads.c.digest, "digests"))
_ADD = inserting(heads)
_PLAIN = ("id", "title", "link", "self_link", "language", "rights", "base", "dialect")


def keep(tx: Transaction, feeds: Sequence[Feed]) -> list[int]:
    """The row ids of these documents' heads, which are added if they are new."""
    told = [_told(it) for it in feeds]
    digests = [_digest(it) for it in told]
    known = tx.execute(_KNOWN, {"digests": digests}) if digests else ()
    found = {row.digest: row.id for row in known}
    fresh = {it: head for it, head in zip(digests, told, strict=True) if it not in found}
    ids = new_ids(tx, heads, len(fresh)) if fresh else ()
    rows = [
        {"id": row_id, "digest": digest, "told": head}
        for row_id, (digest, head) in zip(ids, fresh.items(), strict=True)
    ]
    _ADD.run(tx, rows)
    found |= {row["digest"]: row["id"] for row in rows}
    return [found[it] for it in digests]


def _told(feed: Feed) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(feed, name) for name in _PLAIN}
    told["authors"] = [flat(it) for it in feed.authors]
    told["license"] = flat(feed.license) if feed.license else None
    return told


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


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
