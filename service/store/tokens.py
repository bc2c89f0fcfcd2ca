"""Tokens of partners: found by their digest alone, so that no comparison tells how near a guess came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from service.model import PartnerToken
from service.store.schema import tokens

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction

_COLUMNS = [column for column in tokens.c if column.name != "digest"]
_FOUND = select(*_COLUMNS).where(tokens.c.digest == bindparam("digest"))


def add(tx: Transaction, partner: str, digest: str, label: str, now: datetime) -> PartnerToken:
    """Keep a new token of a partner."""
    values = {"partner": partner, "digest": digest, "label": label, "created": now}
    return _token(tx.execute(insert(tokens).values(values).returning(*_COLUMNS)).one())


def listed(tx: Transaction, partner: str | None = None) -> list[PartnerToken]:
    """The tokens of a partner, or all of them, in the order they were made in."""
    mine = [tokens.c.partner == partner] if partner is not None else []
    return [_token(row) for row in tx.execute(select(*_COLUMNS).where(*mine).order_by(tokens.c.id))]


def find(tx: Transaction, digest: str) -> PartnerToken | None:
    """The token of that digest, revoked or not."""
    row = tx.execute(_FOUND, {"digest": digest}).one_or_none()
    return _token(row) if row else None


def revoke(tx: Transaction, number: int, now: datetime) -> PartnerToken | None:
    """Let nobody in by that token any more; one that was revoked before keeps its date."""
    open_ = (tokens.c.id == number) & tokens.c.revoked.is_(None)
    tx.execute(update(tokens).where(open_).values(revoked=now))
    row = tx.execute(select(*_COLUMNS).where(tokens.c.id == number)).one_or_none()
    return _token(row) if row else None


def use(tx: Transaction, number: int, now: datetime) -> None:
    """Note that somebody came with it."""
    tx.execute(update(tokens).where(tokens.c.id == number).values(used=now))


def _token(row: Row[Any]) -> PartnerToken:
    return PartnerToken(**row._asdict())
