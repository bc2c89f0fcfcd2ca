"""The table of partners' secret addresses."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text, UniqueConstraint

from service.store.schema.base import metadata, row_id
from service.store.types import UtcTime

# The secret addresses of partners' feeds: of each only the SHA-256 digest is kept, in hexadecimal.
tokens = Table(
    "tokens",
    metadata,
    row_id(),
    Column("partner", String, nullable=False),  # slug
    Column("digest", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime),  # about when last
    Column("revoked", UtcTime),
    UniqueConstraint("digest"),
)
