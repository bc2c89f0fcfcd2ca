"""The tables of the service itself: what is true of the whole database, and who reads its feeds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from service.store.schema.base import metadata
from service.store.types import UtcTime

# What is true of this database as a whole: the authority that ids are minted under, and since when.
meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# The settings in force: what every process of this database goes by, until the next are adopted.
settings = Table(
    "settings",
    metadata,
    Column("maker", String, primary_key=True),  # the release and the settings' digest
    Column("at", UtcTime, nullable=False),
    Column("file", Text, nullable=False),  # config.toml, absolute
    Column("text", Text, nullable=False),  # JSON, without where the database is
)

# When each part of the service was last seen at work.
beats = Table(
    "beats",
    metadata,
    Column("name", String, primary_key=True),  # "scheduler"
    Column("at", UtcTime, nullable=False),
)

# Numbers of readers by day (UTC, "2026-11-28") and address of the feed, "" for feeds beyond the bound.
audiences = Table(
    "audiences",
    metadata,
    Column("day", String, primary_key=True),
    Column("feed", String, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),  # of these, answered by 304
    Column("bytes", BigInteger, nullable=False),
    Column("readers", BigInteger, nullable=False),  # once the day is over
    Column("sketch", Text),  # of the readers, in hexadecimal, until the day is over
)

# What aggregators told of their subscribers, each its last number of the day.
subscribers = Table(
    "subscribers",
    metadata,
    Column("day", String, primary_key=True),
    Column("feed", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
