"""The tables. What each holds and why stands beside it; the migrations make exactly these.

Content: articles and what belongs to them. Syndication: sources, hosts, what they sent and what became
of it. Order: the change log that tells caches what to drop, and the numbers that archives are cut by.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from service.store.types import RowId, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> Column[int]:
    rule = "CASCADE" if cascade else "RESTRICT"
    return Column(name, RowId, ForeignKey(f"{target}.id", ondelete=rule), nullable=nullable)


# What is true of this database as a whole: the authority that ids are minted under, and since when.
meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# --- content ---------------------------------------------------------------------------------------

# An author is (source, name, uri) until an operator aliases two into one; a uri alone tells nobody
# apart, as outlets give all their authors the address of their own page. `source` is the slug of the
# source the author came with, "" for the newsroom's own.
authors = Table(
    "authors",
    metadata,
    _id(),
    Column("slug", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String, nullable=False, server_default=""),
    Column("folded", Text, nullable=False),  # the name without case and double spaces
    Column("key", Text, nullable=False),  # the folded name and the uri
    Column("uri", Text),
    Column("bio", Text),
    Column("avatar", Text),
    _ref("alias_of", "authors", nullable=True),
    UniqueConstraint("source", "key"),
    Index(None, "source", "folded"),
    Index(None, "alias_of"),
    sqlite_autoincrement=True,
)

# A term of a taxonomy; a closed one gets nothing more.
categories = Table(
    "categories",
    metadata,
    _id(),
    Column("scheme", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("description", Text),
    Column("closed", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("scheme", "slug"),
    sqlite_autoincrement=True,
)

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("guid", Text, nullable=False, unique=True),  # the entry id in every feed
    Column("path", Text, nullable=False, unique=True),  # "2026/11/slug", minted once
    Column("handle", Text, nullable=False),  # what it is found again by: the id or path asked for
    Column("slug", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text),
    Column("content", Text, nullable=False),
    Column("policy", Integer, nullable=False),  # the sanitiser's version that cleaned it
    Column("language", String),
    Column("status", String, nullable=False),
    Column("published", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("expires", UtcTime),
    Column("retracted", UtcTime),
    Column("retraction_reason", Text),
    Column("source", String),  # slug of the source it was pulled from
    Column("rights", Text),
    Column("license", String),
    Column("note", Text),  # the editor's note, clean HTML
    _ref("note_author_id", "authors", nullable=True),
    Column("note_date", UtcTime),
    Column("canonical_url", Text),
    Column("discussion_url", Text),
    Column("digest", String, nullable=False),  # over all that a reader can see
    Column("created", UtcTime, nullable=False),
    Index("ix_articles_newest", "status", "published", "guid"),
    Index("ix_articles_source", "source", "status", "published"),
    Index("ix_articles_retracted", "status", "retracted"),
    Index(None, "handle"),
    Index(
        None,
        "expires",
        sqlite_where=text("expires IS NOT NULL"),
        postgresql_where=text("expires IS NOT NULL"),
    ),
    CheckConstraint("(status = 'retracted') = (retracted IS NOT NULL)", name="retracted"),
    sqlite_autoincrement=True,
)

# Who is credited, in byline order; `role` is "author" or that of a contributor.
bylines = Table(
    "bylines",
    metadata,
    _ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    _ref("author_id", "authors"),
    Column("role", String, nullable=False, server_default="author"),
    PrimaryKeyConstraint("article_id", "position"),
    Index(None, "author_id", "article_id"),
)

filings = Table(
    "filings",
    metadata,
    _ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    _ref("category_id", "categories"),
    PrimaryKeyConstraint("article_id", "category_id"),
    Index(None, "category_id", "article_id"),
)

# Where an article was first published; several when several partners sent it. Position 0 is shown.
origins = Table(
    "origins",
    metadata,
    _ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    Column("source", String),
    Column("title", Text, nullable=False),
    Column("home", Text),
    Column("feed", Text),
    Column("feed_id", Text),
    Column("url", Text),
    Column("entry_id", Text),
    Column("updated", UtcTime),
    Column("rights", Text),
    Column("license", Text),
    Column("authors", JSON, nullable=False),  # of the original feed: a list of persons
    PrimaryKeyConstraint("article_id", "position"),
)

media = Table(
    "media",
    metadata,
    _ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("type", String),
    Column("length", RowId),  # bytes
    Column("duration", Integer),  # seconds
    Column("width", Integer),
    Column("height", Integer),
    Column("title", Text),
    Column("credit", Text),
    Column("description", Text),
    PrimaryKeyConstraint("article_id", "position"),
)

# --- syndication -----------------------------------------------------------------------------------

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
    _id(),
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
    Column("feed_title", Text),
    Column("feed_home", Text),
    Column("feed_id", Text),
    Index(None, "state", "next_at"),
    Index(None, "host"),
    sqlite_autoincrement=True,
)

# What a source sent, raw beside the clean, under the identity it is known by.
entries = Table(
    "entries",
    metadata,
    _id(),
    _ref("source_id", "sources"),
    Column("key", Text, nullable=False),
    Column("key_kind", String, nullable=False),
    Column("alias", Text, nullable=False),  # the key without scheme, host, www and last slash
    Column("raw", Text, nullable=False),
    Column("raw_digest", String, nullable=False),
    Column("content_digest", String, nullable=False),
    Column("published_raw", Text),
    Column("updated_raw", Text),
    _ref("article_id", "articles", nullable=True),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_changed", UtcTime, nullable=False),
    UniqueConstraint("source_id", "key"),
    Index(None, "source_id", "alias"),
    Index(None, "article_id"),
    sqlite_autoincrement=True,
)

polls = Table(
    "polls",
    metadata,
    _id(),
    _ref("source_id", "sources"),
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
    Column("next_at", UtcTime, nullable=False),
    Column("next_reason", Text, nullable=False, server_default=""),
    Index(None, "source_id", "at"),
    sqlite_autoincrement=True,
)

# What each poll decided about an entry, whenever it decided something new.
fates = Table(
    "fates",
    metadata,
    _id(),
    _ref("entry_id", "entries", cascade=True),
    _ref("poll_id", "polls", nullable=True),
    Column("at", UtcTime, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    _ref("article_id", "articles", nullable=True),
    Index(None, "entry_id"),
    Index(None, "poll_id"),
    sqlite_autoincrement=True,
)

# --- order -----------------------------------------------------------------------------------------

# A scope is "all", "author:ID", "category:ID", "source:SLUG" or "article:ID": what a feed or page shows.
# Each article gets the next number of each of its scopes when it is published, once and for ever.
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
    _ref("article_id", "articles"),
    UniqueConstraint("scope", "article_id"),
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
