"""Which schema a database has, and whether this release can use it; without Alembic, which loads slowly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from service.errors import StoreAhead, StoreBehind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.store.database import Store, Transaction

SCRIPTS = Path(__file__).parent / "migrations"


@cache
def known(scripts: Path) -> tuple[str, ...]:
    """Every revision, the oldest first: each script's name starts with its own."""
    return tuple(sorted(it.stem.partition("_")[0] for it in (scripts / "versions").glob("*_*.py")))


def revision(connection: Connection) -> str | None:
    """The revision of a database; None when it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def check(store: Store) -> None:
    """Make sure the database has exactly this release's schema.

    Raises:
        StoreBehind: It wants `feedwright db upgrade`.
        StoreAhead: It was written by a newer release.
    """
    if store.is_empty():
        _require(None)
    with store.reading() as tx:
        check_within(tx)


def check_within(tx: Transaction) -> None:
    """The same of the database that this transaction reads, with the same errors."""
    _require(revision(tx))


def require_known(found: str | None, holder: str = "the database") -> None:
    """Make sure that this release knows the schema; `holder` is what has it, in words.

    Raises:
        StoreAhead: It is a newer release's.
    """
    if found is not None and found not in known(SCRIPTS):
        raise StoreAhead(f"{holder} is of a newer release (schema {found}): update feedwright")


def _require(found: str | None) -> None:
    require_known(found)
    if found != known(SCRIPTS)[-1]:
        raise StoreBehind("the database is of an older release: run `feedwright db upgrade`")


def kept_before(path: Path, following: str) -> Path:
    """Where an SQLite database is kept as it was before that revision."""
    return path.with_name(f"{path.name}.before-{following}")
