"""What is true of the database as a whole: under which authority its entry and feed ids are minted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import bindparam, delete, insert, select

from feeds.identity import tag_uri
from service.config.precedence import Precedence
from service.store.schema import meta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.store.database import Transaction

_AUTHORITY = "tag_authority"
_MINTED = "tag_minted"
_LANGUAGE = "language"
_PRECEDENCE = "precedence"
_REPUBLISHABLE = "republishable"
REFILED = "refiled"  # the row id of the last article that was filed anew, as long as there are more
_ALL = select(meta)
_TOLD = select(meta.c.value).where(meta.c.key == bindparam("name"))


def found(tx: Transaction, authority: str, now: datetime) -> None:
    """Settle the authority of ids, once: a later move of the site changes none (ID-01, ID-02)."""
    if not noted(tx, _AUTHORITY):
        note(tx, _AUTHORITY, authority)
        note(tx, _MINTED, now.astimezone(UTC).date().isoformat())


def noted(tx: Transaction, key: str) -> bool:
    """Whether something that happens once in a database's life has happened."""
    return tx.execute(select(meta.c.key).where(meta.c.key == key)).first() is not None


def note(tx: Transaction, key: str, value: str = "yes") -> None:
    """Note that it has happened."""
    tx.execute(insert(meta).values(key=key, value=value))


def renew(tx: Transaction, key: str, value: str) -> None:
    """Note it in place of what was noted before."""
    forget(tx, key)
    note(tx, key, value)


def forget(tx: Transaction, key: str) -> None:
    """Let it be as if it had not been noted."""
    tx.execute(delete(meta).where(meta.c.key == key))


def told(tx: Transaction, key: str) -> str | None:
    """What was noted, if anything was."""
    return tx.execute(_TOLD, {"name": key}).scalar_one_or_none()


def tag_authority(tx: Transaction) -> tuple[str, date]:
    """The authority and date that every minted id starts with (RFC 4151)."""
    rows = tx.execute(_ALL).all()
    values = {row.key: row.value for row in rows}
    return values[_AUTHORITY], date.fromisoformat(values[_MINTED])


def speak(tx: Transaction, language: str) -> None:
    """Keep the language of articles that name none (RFC 5646)."""
    if language != spoken(tx):
        tx.execute(delete(meta).where(meta.c.key == _LANGUAGE))
        note(tx, _LANGUAGE, language)


def spoken(tx: Transaction) -> str:
    """The language of articles that name none; empty before any settings were in force."""
    return told(tx, _LANGUAGE) or ""


def go_by(tx: Transaction, precedence: Precedence) -> None:
    """Keep which license holds for what; if it is another than before, all articles are to be filed anew."""
    if str(precedence) != told(tx, _PRECEDENCE):
        renew(tx, _PRECEDENCE, str(precedence))
        renew(tx, REFILED, "0")


def precedence(tx: Transaction) -> Precedence:
    """Which license holds for what; before any settings were in force, an article's own."""
    text = told(tx, _PRECEDENCE)
    return Precedence.read(text) if text else Precedence()


def offer(tx: Transaction, licenses: Iterable[str]) -> None:
    """Keep the licenses in force that let others republish in full."""
    renew(tx, _REPUBLISHABLE, " ".join(licenses))


def offered(tx: Transaction) -> list[str]:
    """The licenses in force that let others republish in full."""
    return (told(tx, _REPUBLISHABLE) or "").split()


class Founded(Struct, frozen=True):
    """What holds for as long as there is the database: under which authority it mints, and since when."""

    authority: str
    minted: date

    @property
    def at(self) -> datetime:
        """The start of the day on which the database was founded, UTC."""
        return datetime(self.minted.year, self.minted.month, self.minted.day, tzinfo=UTC)

    def feed_id(self, scope: str) -> str:
        """The permanent id of the feed of a scope, whatever its address (ID-05)."""
        return tag_uri(self.authority, self.minted, f"feed/{scope}")


def founded(tx: Transaction) -> Founded:
    """What this database was founded with."""
    return Founded(*tag_authority(tx))
