"""The tables of content: articles and what belongs to them, and the shelves that feeds walk along."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from service.store.schema.base import metadata, partial_index, ref, row_id
from service.store.types import RowId, UtcTime

# Where what was not pulled comes from is looked up by its address, if that is not too long for PostgreSQL's
# indexes; what was pulled is found by its entries. Queries have to say these very words.
LONGEST_INDEXED = 500  # characters
OF_ORIGINAL = f"source IS NULL AND length(canonical_url) <= {LONGEST_INDEXED}"
OF_ORIGIN = f"source IS NULL AND length(url) <= {LONGEST_INDEXED}"

# An author is (source, name, uri) until an operator aliases two into one; a uri alone tells nobody
# apart, as outlets give all their authors the address of their own page. `source` is the slug of the
# source the author came with, "" for the newsroom's own. `merged_into` is whom the operator took the author
# for, `alias_of` where that ends: an author who is no alias.
authors = Table(
    "authors",
    metadata,
    row_id(),
    Column("slug", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String, nullable=False, server_default=""),
    Column("folded", Text, nullable=False),  # the name without case and double spaces
    Column("key", Text, nullable=False),  # the folded name and the uri
    Column("uri", Text),
    Column("bio", Text),
    Column("avatar", Text),
    ref("alias_of", "authors", nullable=True),
    Column("merged_into", RowId),  # a row id of this table
    Column("withdrawn", UtcTime),
    Column("withdrawal_reason", Text),
    UniqueConstraint("source", "key"),
    Index(None, "source", "folded"),
    Index(None, "alias_of"),
    sqlite_autoincrement=True,
)

# A term of a taxonomy; a closed one gets nothing more.
categories = Table(
    "categories",
    metadata,
    row_id(),
    Column("scheme", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("description", Text),
    Column("closed", Boolean, nullable=False, server_default="0"),
    Column("withdrawn", UtcTime),
    Column("withdrawal_reason", Text),
    UniqueConstraint("scheme", "slug"),
    sqlite_autoincrement=True,
)

# Slugs that authors and categories had before: their addresses redirect. `field` is "author" or the scheme,
# `owner` the row id in the table that it means.
former_slugs = Table(
    "former_slugs",
    metadata,
    Column("field", String, primary_key=True),
    Column("slug", String, primary_key=True),
    Column("owner", RowId, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    row_id(),
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
    Column("release", UtcTime),  # when what is scheduled is published, if that is not `published`
    Column("expires", UtcTime),
    Column("retracted", UtcTime),
    Column("retraction_reason", Text),
    Column("source", String),  # slug of the source it was pulled from
    Column("rights", Text),
    Column("license", String),
    Column("held", String),  # the license that holds by the settings in force, its own or another's
    Column("is_whole", Boolean),  # whether that alone decides how much of it others may republish
    Column("note", Text),  # the editor's note, clean HTML
    ref("note_author_id", "authors", nullable=True),
    Column("note_date", UtcTime),
    Column("canonical_url", Text),
    Column("discussion_url", Text),
    Column("in_reply_to", JSON(none_as_null=True)),  # what it follows: a reference of RFC 4685
    Column("digest", String, nullable=False),  # over all that a reader can see
    Column("created", UtcTime, nullable=False),
    Index("ix_articles_newest", "status", "published", "guid"),
    Index(None, "handle"),
    partial_index("ix_articles_expiring", "status", "expires", where="expires IS NOT NULL"),
    partial_index("ix_articles_original", "canonical_url", where=OF_ORIGINAL),
    CheckConstraint("(status = 'retracted') = (retracted IS NOT NULL)", name="retracted"),
    sqlite_autoincrement=True,
)

# Who is credited, in byline order; `role` is "author" or that of a contributor.
bylines = Table(
    "bylines",
    metadata,
    ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    ref("author_id", "authors"),
    Column("role", String, nullable=False, server_default="author"),
    PrimaryKeyConstraint("article_id", "position"),
    Index(None, "author_id", "article_id"),
)

filings = Table(
    "filings",
    metadata,
    ref("article_id", "articles", cascade=True),
    Column("position", Integer, nullable=False),
    ref("category_id", "categories"),
    PrimaryKeyConstraint("article_id", "category_id"),
    Index(None, "category_id", "article_id"),
)

# What caches, feeds and pages walk along: see shelving.py. A shelf holds the articles of one scope in one
# state ("published", "retracted", "scheduled", "expiring"); `articles` counts them.
shelves = Table(
    "shelves",
    metadata,
    row_id(),
    Column("scope", String, nullable=False),
    Column("state", String, nullable=False),
    Column("articles", Integer, nullable=False),
    UniqueConstraint("scope", "state"),
    sqlite_autoincrement=True,
)

# The articles of a shelf in the order of feeds: by the lowest rank, then by the first saved. The rank is the
# moment that the state goes by in microseconds, negative where the latest comes first.
places = Table(
    "places",
    metadata,
    ref("shelf_id", "shelves"),
    Column("rank", BigInteger, nullable=False),
    ref("article_id", "articles"),
    PrimaryKeyConstraint("shelf_id", "rank", "article_id"),
    sqlite_with_rowid=False,
)

# The same articles as compressed sets (Roaring, portable format), 65,536 row ids in each.
postings = Table(
    "postings",
    metadata,
    ref("shelf_id", "shelves"),
    Column("chunk", Integer, nullable=False),  # the row ids without their lowest 16 bits
    Column("members", LargeBinary, nullable=False),
    PrimaryKeyConstraint("shelf_id", "chunk"),
)

# Where an article was first published; several when several partners sent it. Position 0 is shown.
origins = Table(
    "origins",
    metadata,
    ref("article_id", "articles", cascade=True),
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
    partial_index("ix_origins_url", "url", where=OF_ORIGIN),
)

media = Table(
    "media",
    metadata,
    ref("article_id", "articles", cascade=True),
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
    Column("rights", Text),
    PrimaryKeyConstraint("article_id", "position"),
)

# The pictures of ours that articles show, by the names of their files.
pictured = Table(
    "pictured",
    metadata,
    Column("name", String, nullable=False),
    ref("article_id", "articles", cascade=True),
    Column("until", UtcTime),  # when an edit took it out
    PrimaryKeyConstraint("name", "article_id"),
    Index(None, "article_id"),
)

# Lengths that nobody told, asked of the servers of the enclosures.
lengths = Table(
    "lengths",
    metadata,
    Column("url", Text, nullable=False),
    ref("article_id", "articles", cascade=True),
    Column("host", String, nullable=False),
    Column("length", RowId),  # bytes; NULL as long as it is not known
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcTime),  # when to ask; NULL where that is settled, or given up
    PrimaryKeyConstraint("url", "article_id"),
    Index(None, "next_at"),
    Index(None, "article_id"),
)
