"""Column types and the time, meaning the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

RowId = BigInteger().with_variant(Integer, "sqlite")


def microseconds(moment: datetime) -> int:
    """How many lie between 1970 and a moment, UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment so long after 1970, UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _bound(value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value!r}")
    return (value - _EPOCH) // _MICROSECOND


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive datetimes: what they mean nobody knows."""
        return _bound(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """The same, without the steps between: a new article has a dozen moments."""
        return _bound

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give back what was bound."""
        return None if value is None else moment(value)


class Span(TypeDecorator[timedelta]):
    """A length of time, kept as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """As microseconds."""
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Give back what was bound."""
        return None if value is None else timedelta(microseconds=value)


class DatabaseTime(FunctionElement[int]):
    """The time by the database's own clock as UtcTime keeps it: one clock for all who use the database."""

    type = BigInteger()
    inherit_cache = True


@compiles(DatabaseTime, "sqlite")
def _sqlite_time(_element: DatabaseTime, _compiler: SQLCompiler, **_options: Any) -> str:
    """SQLite tells milliseconds; 2440587.5 is the Julian day that 1970 began with."""
    return "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)"


@compiles(DatabaseTime, "postgresql")
def _postgresql_time(_element: DatabaseTime, _compiler: SQLCompiler, **_options: Any) -> str:
    """The time of the statement and not of the transaction, which may have waited long for its turn."""
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
