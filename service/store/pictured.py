"""Which pictures of ours articles show, and until when those did that show them no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, or_, select, update

from service.addresses import OWN
from service.store.among import among
from service.store.schema import pictured

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from service.model import Article
    from service.store.database import Transaction

_ADDRESS = re.compile(re.escape(f"{OWN}media/") + r"([0-9a-f]{64}\.[a-z]{3,4})")
_KNOWN = select(pictured.c.article_id, pictured.c.name, pictured.c.until).where(
    among(pictured.c.article_id, "articles")
)
_END = (
    update(pictured)
    .where(pictured.c.article_id == bindparam("article"), pictured.c.name == bindparam("picture"))
    .values(until=bindparam("moment", type_=pictured.c.until.type))
)


def names(draft: Article) -> set[str]:
    """The pictures of ours that an article shows, by their names."""
    said = [draft.content, *[it.url for it in draft.media]]
    if draft.editors_note:
        said.append(draft.editors_note.html)
    return {name for text in said if OWN in text for name in _ADDRESS.findall(text)}


def note(tx: Transaction, shown: Mapping[int, Collection[str]], now: datetime) -> None:
    """Note what these articles show from now on, by their row ids."""
    rows = tx.execute(_KNOWN, {"articles": list(shown)})
    known = {(row.article_id, row.name): row.until for row in rows}
    wanted = {(article, name) for article, names_ in shown.items() for name in names_}
    if fresh := sorted(wanted - known.keys()):
        tx.execute(insert(pictured), [{"article_id": it, "name": name} for it, name in fresh])
    ended = [at for at, until in known.items() if until is None and at not in wanted]
    back = [at for at, until in known.items() if until is not None and at in wanted]
    moved = [(at, now) for at in ended] + [(at, None) for at in back]
    if moved:
        tx.execute(
            _END, [{"article": it, "picture": name, "moment": to} for (it, name), to in moved]
        )


def in_use(tx: Transaction, pictures: Collection[str], since: datetime) -> set[str]:
    """Which of these are shown by an article, or were after that."""
    asked = select(pictured.c.name).where(
        pictured.c.name.in_(pictures),
        or_(pictured.c.until.is_(None), pictured.c.until > since),
    )
    return set(tx.execute(asked).scalars())


def shown(tx: Transaction, *, after: str, limit: int) -> list[str]:
    """The names of pictures that articles show, in their order, from the one after that."""
    asked = (
        select(pictured.c.name)
        .where(pictured.c.until.is_(None), pictured.c.name > after)
        .distinct()
        .order_by(pictured.c.name)
        .limit(limit)
    )
    return list(tx.execute(asked).scalars())


def number(tx: Transaction) -> int:
    """How many pictures articles show."""
    asked = select(func.count(func.distinct(pictured.c.name))).where(pictured.c.until.is_(None))
    return int(tx.execute(asked).scalar_one())
