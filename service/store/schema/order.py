"""The tables of order: the change log that tells caches what to drop, and the numbers of archives."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from service.store.schema.base import metadata, ref
from service.store.types import RowId, UtcTime

# A scope is "all", "author:ID", "category:ID", "source:SLUG" or "article:ID": what a feed or page shows;
# or "sitemap:articles-1", of which only `touched` is kept.
# Each article gets the next number of each of its scopes when it is published, and another when it is
# corrected while an archive that is closed already holds the last one.
# `touched` is when the scope last changed: the Last-Modified of its feeds, which never goes back.
scopes = Table(
    "scopes",
    metadata,
    Column("scope", String, primary_key=True),
    Column("last_number", Integer, nullable=False),
    Column("touched", UtcTime, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("scope", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    ref("article_id", "articles"),
    Index(None, "article_id"),
)

# Every scope a commit touched, in commit order: caches read on from the last number they saw.
changes = Table(
    "changes",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
