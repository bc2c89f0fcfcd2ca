"""PostgreSQL: its connections, and whose turn it is to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url

from service.store.bounds import BUSY_SECONDS, MOST_CONNECTIONS, PATIENCE

if TYPE_CHECKING:
    from datetime import timedelta

WRITER_LOCK = 0x66656564  # pg_advisory_xact_lock: one writer at a time, as on SQLite
MIGRATION_LOCK = 0x6D696772  # the same, for who changes the tables; taken before the writer's
_OPTIONS = (
    "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"
)
_KEEPALIVES = {  # a server that vanished is noticed within 20 seconds
    "application_name": "feedwright",
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def take_turn(connection: Connection, wait: timedelta) -> None:
    """Become the one writer on PostgreSQL, as BEGIN IMMEDIATE does on SQLite."""
    if wait != PATIENCE:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(wait.total_seconds() * 1000)}")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


def postgres_arguments(url: str) -> dict[str, Any]:
    """How psycopg is to connect to that database, outside any pool."""
    return {"conninfo": url, "connect_timeout": BUSY_SECONDS, **_KEEPALIVES}


def postgres_engine(url: str, *, read_only: bool) -> Engine:
    """Connections to the database of that address."""
    options = _OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=MOST_CONNECTIONS,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        connect_args={"options": options, "connect_timeout": BUSY_SECONDS, **_KEEPALIVES},
    )
