"""The tables of syndication: sources, hosts, what they sent and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from service.store.schema.base import metadata, partial_index, ref, row_id
from service.store.types import RowId, Span, UtcTime

# The right to talk to a host: `fence` grows with every claim, a stale holder is known by it.
hosts = Table(
    "hosts",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String),
    Column("leased_until", UtcTime),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcTime),  # a pause for the whole host
    Column("last_request", UtcTime),
)

# A partner's feed: its settings live in config.toml, its state here.
sources = Table(
    "sources",
    metadata,
    row_id(),
    Column("slug", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", String, ForeignKey("hosts.name"), nullable=False),
    Column("state", String, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("validators_url", Text),
    Column("body_digest", String),
    Column("reader_version", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_poll", UtcTime),
    Column("last_success", UtcTime),
    Column("last_error", Text),
    Column("failing_since", UtcTime),
    Column("last_new", UtcTime),
    Column("rhythm", Span),
    Column("asked_every", Span),
    Column("skip_hours", JSON, nullable=False, server_default="[]"),
    Column("skip_days", JSON, nullable=False, server_default="[]"),
    Column("address", Text),  # where the URL has moved for good
    Column("move_to", Text),  # where permanent redirects lead at present
    Column("move_since", UtcTime),
    Column("move_sightings", Integer, nullable=False, server_default="0"),
    Column("move_known", Boolean, nullable=False, server_default="0"),
    Column("archive", Text),  # the next archive document to take in
    Column("archives_left", Integer, nullable=False, server_default="0"),
    Column("feed_title", Text),
    Column("feed_home", Text),
    Column("feed_id", Text),
    Column("quarantined", String),  # digest of a body that no reader survived
    # Ids that stand on several entries.
    Column("shared_ids", JSON, nullable=False, server_default="[]"),
    Index(None, "state", "next_at"),
    Index(None, "host"),
    sqlite_autoincrement=True,
)

# The feeds that lists have named, each under the slug of the source that it became, for ever: one that leaves
# its list and comes back is the same source. `list` is the slug of the list in config.toml.
listed = Table(
    "listed",
    metadata,
    Column("slug", String, primary_key=True),
    Column("list", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("home", Text),
    Column("place", Integer, nullable=False),  # in the order in which the list named them
    Column("missed", Integer, nullable=False, server_default="0"),  # looks in a row without it
    Column("gone", Boolean, nullable=False, server_default="0"),
    Index(None, "list"),
)

# What entries inherit from the head of the document they stood in, each head once: see heads.py.
heads = Table(
    "heads",
    metadata,
    row_id(),
    Column("digest", String, nullable=False, unique=True),
    Column("told", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# What a source sent, its markup beside the clean article, under the identity it is known by. `head_id` is of
# heads, of which none goes that an entry names; it is no foreign key, since SQLite cannot add one to a table.
entries = Table(
    "entries",
    metadata,
    row_id(),
    ref("source_id", "sources"),
    Column("key", Text, nullable=False),
    Column("key_kind", String, nullable=False),
    Column("alias", Text, nullable=False),  # the key without scheme, host, www and last slash
    Column("page", Text),  # what the page of its link is known by, under every spelling
    Column("raw_digest", String, nullable=False),
    Column("content_digest", String, nullable=False),
    Column("published_raw", Text),
    Column("updated_raw", Text),
    ref("article_id", "articles", nullable=True),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_changed", UtcTime, nullable=False),
    Column("head_id", RowId),
    # As packing.packed() made it. It stands last, as SQLite reads a large row from its beginning.
    Column("markup", LargeBinary),
    UniqueConstraint("source_id", "key"),
    Index(None, "alias", "source_id"),  # also asked for entries of all sources
    Index(None, "page", "source_id"),
    Index(None, "article_id"),
    Index(None, "head_id"),
    partial_index("ix_entries_waiting", "verdict", "id", where="verdict = 'waiting'"),
    sqlite_autoincrement=True,
)

polls = Table(
    "polls",
    metadata,
    row_id(),
    ref("source_id", "sources"),
    Column("at", UtcTime, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("etag_sent", Text),
    Column("last_modified_sent", Text),
    Column("http_status", Integer),
    Column("result", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("bytes", RowId, nullable=False, server_default="0"),
    Column("milliseconds", Integer, nullable=False, server_default="0"),
    Column("imported", Integer, nullable=False, server_default="0"),
    Column("edited", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("withdrawn", Integer, nullable=False, server_default="0"),
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcTime, nullable=False),
    Column("next_reason", Text, nullable=False, server_default=""),
    Index(None, "source_id", "at"),
    sqlite_autoincrement=True,
)

# What each poll decided about an entry, whenever it decided something new.
fates = Table(
    "fates",
    metadata,
    row_id(),
    ref("entry_id", "entries", cascade=True),
    ref("poll_id", "polls", nullable=True),
    Column("at", UtcTime, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    ref("article_id", "articles", nullable=True),
    Index(None, "entry_id"),
    Index(None, "poll_id"),
    sqlite_autoincrement=True,
)

# What was taken for one article, and why. Of a copy that another source sent, `copy_id` is the article that
# is kept of it, unseen, under the seen one; of an entry that came under another key, `new` took the place of
# `old`. What was undone stays written.
merges = Table(
    "merges",
    metadata,
    row_id(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("reason", Text, nullable=False),
    ref("entry_id", "entries", cascade=True),
    ref("article_id", "articles", nullable=True),
    ref("copy_id", "articles", nullable=True),
    Column("old", Text),
    Column("new", Text),
    Column("undone", UtcTime),
    Index(None, "entry_id"),
    Index(None, "article_id"),
    Index(None, "copy_id"),
    sqlite_autoincrement=True,
)
