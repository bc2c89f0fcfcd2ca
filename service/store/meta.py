"""What is true of the database as a whole: under which authority its entry and feed ids are minted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from feeds.identity import tag_uri
from service.store.schema import meta

if TYPE_CHECKING:
    from service.store.database import Transaction

_AUTHORITY = "tag_authority"
_MINTED = "tag_minted"
_MAKER = "maker"


def found(tx: Transaction, authority: str, now: datetime) -> None:
    """Settle the authority of ids, once: a later move of the site changes none (ID-01, ID-02)."""
    if not noted(tx, _AUTHORITY):
        note(tx, _AUTHORITY, authority)
        note(tx, _MINTED, now.astimezone(UTC).date().isoformat())


def adopt(tx: Transaction, maker: str) -> bool:
    """Keep by which settings and release documents are made from now on. Gives whether that is new."""
    known = tx.execute(select(meta.c.value).where(meta.c.key == _MAKER)).scalar_one_or_none()
    if known is None:
        note(tx, _MAKER, maker)
    elif known != maker:
        tx.execute(update(meta).where(meta.c.key == _MAKER).values(value=maker))
    return known != maker


def noted(tx: Transaction, key: str) -> bool:
    """Whether something that happens once in a database's life has happened."""
    return tx.execute(select(meta.c.key).where(meta.c.key == key)).first() is not None


def note(tx: Transaction, key: str, value: str = "yes") -> None:
    """Note that it has happened."""
    tx.execute(insert(meta).values(key=key, value=value))


def tag_authority(tx: Transaction) -> tuple[str, date]:
    """The authority and date that every minted id starts with (RFC 4151)."""
    rows = tx.execute(select(meta)).all()
    values = {row.key: row.value for row in rows}
    return values[_AUTHORITY], date.fromisoformat(values[_MINTED])


def founded(tx: Transaction) -> datetime:
    """The start of the day on which the database was founded, UTC."""
    _, day = tag_authority(tx)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def feed_id(tx: Transaction, scope: str) -> str:
    """The permanent id of the feed of a scope, whatever its address (ID-05)."""
    authority, minted = tag_authority(tx)
    return tag_uri(authority, minted, f"feed/{scope}")
