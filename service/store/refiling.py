"""Articles filed under the license that holds for them, once the settings have others hold than before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, exists, select, update

from service.model import Status
from service.store import meta
from service.store.saving import announce
from service.store.schema import articles, categories, filings, origins
from service.store.shelving import Move, shelve, stands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction

_NEXT = (
    select(
        articles.c.id,
        articles.c.license,
        articles.c.source,
        articles.c.status,
        articles.c.held,
        articles.c.is_whole,
        exists().where(origins.c.article_id == articles.c.id).label("has_origin"),
    )
    .where(articles.c.id > bindparam("last"))
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
_FILED = (
    select(filings.c.article_id, categories.c.scheme, categories.c.slug)
    .join(categories, categories.c.id == filings.c.category_id)
    .where(filings.c.article_id.in_(bindparam("numbers", expanding=True)))
)
_HOLD = (
    update(articles)
    .where(articles.c.id == bindparam("number"))
    .values(held=bindparam("name"), is_whole=bindparam("whole"))
)


class Filed(NamedTuple):
    """Under which license an article is filed, and whether that alone decides what others may do."""

    held: str | None
    is_whole: bool


def is_due(tx: Transaction) -> bool:
    """Whether articles are to be filed anew."""
    return meta.noted(tx, meta.REFILED)


def refile(tx: Transaction, now: datetime, *, limit: int) -> bool:
    """File the next articles under the licenses that hold by now. Gives whether there may be more."""
    last = int(meta.told(tx, meta.REFILED) or 0)
    rows = tx.execute(_NEXT, {"last": last, "most": limit}).all()
    moved = _moved(tx, rows)
    if moved:
        _move(tx, {row.id: Status(row.status) for row in rows}, moved, now)
    if len(rows) < limit:
        meta.forget(tx, meta.REFILED)
        return False
    meta.renew(tx, meta.REFILED, str(rows[-1].id))
    return True


def _moved(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[int, Filed]:
    """How articles are to be filed, of those that are filed otherwise."""
    precedence = meta.precedence(tx)
    named: dict[int, list[str]] = {row.id: [] for row in rows}
    for number, scheme, slug in tx.execute(_FILED, {"numbers": list(named)}):
        named[number].append(f"{scheme}/{slug}")
    found = {
        row.id: Filed(
            precedence.held(
                row.license,
                row.source,
                named[row.id],
                is_foreign=row.source is not None or row.has_origin,
            ),
            row.source not in precedence.abridged,
        )
        for row in rows
    }
    return {row.id: found[row.id] for row in rows if found[row.id] != (row.held, row.is_whole)}


def _move(
    tx: Transaction, statuses: Mapping[int, Status], moved: Mapping[int, Filed], now: datetime
) -> None:
    before = stands(tx, moved)
    tx.execute(
        _HOLD,
        [{"number": it, "name": to.held, "whole": to.is_whole} for it, to in moved.items()],
    )
    after = stands(tx, moved)
    shelve(tx, [Move(it, before[it], after[it]) for it in moved])
    left = frozenset(scope for it in moved for scope in before[it].scopes - after[it].scopes)
    come = {it: after[it].scopes - before[it].scopes for it in moved}
    announce(tx, {it: statuses[it] for it in moved}, come, now, before=left)
