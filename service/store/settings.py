"""The settings in force: one row that every process of a database goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import delete, func, insert, select

from service.store.schema import changes, settings

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.database import Transaction
_MAKER = select(settings.c.maker)
_STATE = select(
    _MAKER.scalar_subquery(),
    select(func.coalesce(func.max(changes.c.number), 0)).scalar_subquery(),
)


class InForce(Struct, frozen=True):
    """What documents are made by at the moment."""

    maker: str  # the release and the settings' digest
    at: datetime  # since when
    file: str  # config.toml, absolute
    text: str  # JSON


def maker(tx: Transaction) -> str | None:
    """By what documents are made; None before the first start of the service."""
    found: str | None = tx.execute(_MAKER).scalar_one_or_none()
    return found


def state(tx: Transaction) -> tuple[str | None, int]:
    """The same, and the number of the newest change: which state of the database the transaction sees."""
    made_by, change = tx.execute(_STATE).one()
    return made_by, int(change)


def in_force(tx: Transaction) -> InForce | None:
    """The settings in force, if the service was ever started."""
    row = tx.execute(select(settings)).one_or_none()
    return InForce(row.maker, row.at, row.file, row.text) if row else None


def adopt(tx: Transaction, adopted: InForce) -> bool:
    """Put these in force. Gives whether documents are made otherwise from now on."""
    if maker(tx) == adopted.maker:
        return False
    tx.execute(delete(settings))
    tx.execute(
        insert(settings).values(
            maker=adopted.maker, at=adopted.at, file=adopted.file, text=adopted.text
        )
    )
    return True
