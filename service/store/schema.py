"""The tables. What each holds and why stands beside it; the migrations make exactly these.

Content: articles and what belongs to them. Syndication: sources, hosts, what they sent and what became
of it. Order: the change log that tells caches what to drop, and the numbers that archives are cut by.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from service.store.types import RowId, Span, UtcTime

FULL_TEXT = "texts_index"  # what the names of SQLite's own tables for it begin with

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

# --- content ---------------------------------------------------------------------------------------

# An author is (source, name, uri) until an operator aliases two into one; a uri alone tells nobody
# apart, as outlets give all their authors the address of their own page. `source` is the slug of the
# source the author came with, "" for the newsroom's own. `merged_into` is whom the operator took the author
# for, `alias_of` where that ends: an author who is no alias.
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
    _id(),
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
    Column("release", UtcTime),  # when what is scheduled is published, if that is not `published`
    Column("expires", UtcTime),
    Column("retracted", UtcTime),
    Column("retraction_reason", Text),
    Column("source", String),  # slug of the source it was pulled from
    Column("rights", Text),
    Column("license", String),
    Column(
        "held", String
    ),  # the license that holds, its own or another's, by the settings in force
    Column("is_whole", Boolean),  # whether that alone decides how much of it others may republish
    Column("note", Text),  # the editor's note, clean HTML
    _ref("note_author_id", "authors", nullable=True),
    Column("note_date", UtcTime),
    Column("canonical_url", Text),
    Column("discussion_url", Text),
    Column("in_reply_to", JSON(none_as_null=True)),  # what it follows: a reference of RFC 4685
    Column("digest", String, nullable=False),  # over all that a reader can see
    Column("created", UtcTime, nullable=False),
    Index("ix_articles_newest", "status", "published", "guid"),
    Index(None, "handle"),
    Index(
        "ix_articles_expiring",
        "status",
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

# What caches, feeds and pages walk along: see shelving.py. A shelf holds the articles of one scope in one
# state ("published", "retracted", "scheduled", "expiring"); `articles` counts them.
shelves = Table(
    "shelves",
    metadata,
    _id(),
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
    _ref("shelf_id", "shelves"),
    Column("rank", BigInteger, nullable=False),
    _ref("article_id", "articles"),
    PrimaryKeyConstraint("shelf_id", "rank", "article_id"),
    sqlite_with_rowid=False,
)

# The same articles as compressed sets (Roaring, portable format), 65,536 row ids in each.
postings = Table(
    "postings",
    metadata,
    _ref("shelf_id", "shelves"),
    Column("chunk", Integer, nullable=False),  # the row ids without their lowest 16 bits
    Column("members", LargeBinary, nullable=False),
    PrimaryKeyConstraint("shelf_id", "chunk"),
)

# The words of each article, folded: see texts.py. SQLite has an FTS5 index over them, kept by triggers,
# PostgreSQL a generated column `vector` with an index; both are the migrations' alone.
texts = Table(
    "texts",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("words", Text, nullable=False),
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
    Column("rights", Text),
    PrimaryKeyConstraint("article_id", "position"),
)

# The pictures of ours that articles show, by the names of their files.
pictured = Table(
    "pictured",
    metadata,
    Column("name", String, nullable=False),
    _ref("article_id", "articles", cascade=True),
    Column("until", UtcTime),  # when an edit took it out
    PrimaryKeyConstraint("name", "article_id"),
    Index(None, "article_id"),
)

# Lengths that nobody told, asked of the servers of the enclosures.
lengths = Table(
    "lengths",
    metadata,
    Column("url", Text, nullable=False),
    _ref("article_id", "articles", cascade=True),
    Column("host", String, nullable=False),
    Column("length", RowId),  # bytes; NULL as long as it is not known
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcTime),  # when to ask; NULL where that is settled, or given up
    PrimaryKeyConstraint("url", "article_id"),
    Index(None, "next_at"),
    Index(None, "article_id"),
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
    Column(
        "shared_ids", JSON, nullable=False, server_default="[]"
    ),  # that stand on several entries
    Index(None, "state", "next_at"),
    Index(None, "host"),
    sqlite_autoincrement=True,
)

# What entries inherit from the head of the document they stood in, each head once: see heads.py.
heads = Table(
    "heads",
    metadata,
    _id(),
    Column("digest", String, nullable=False, unique=True),
    Column("told", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# What a source sent, raw beside the clean, under the identity it is known by. `head_id` is of heads, of which
# none ever goes; it is no foreign key, since SQLite cannot add one to a table.
entries = Table(
    "entries",
    metadata,
    _id(),
    _ref("source_id", "sources"),
    Column("key", Text, nullable=False),
    Column("key_kind", String, nullable=False),
    Column("alias", Text, nullable=False),  # the key without scheme, host, www and last slash
    Column("page", Text),  # what the page of its link is known by, under every spelling
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
    Column("head_id", RowId),
    UniqueConstraint("source_id", "key"),
    Index(None, "alias", "source_id"),  # also asked for entries of all sources
    Index(None, "page", "source_id"),
    Index(None, "article_id"),
    Index(
        "ix_entries_waiting",
        "verdict",
        "id",
        sqlite_where=text("verdict = 'waiting'"),
        postgresql_where=text("verdict = 'waiting'"),
    ),
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

# What was taken for one article, and why. Of a copy that another source sent, `copy_id` is the article that
# is kept of it, unseen, under the seen one; of an entry that came under another key, `new` took the place of
# `old`. What was undone stays written.
merges = Table(
    "merges",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("reason", Text, nullable=False),
    _ref("entry_id", "entries", cascade=True),
    _ref("article_id", "articles", nullable=True),
    _ref("copy_id", "articles", nullable=True),
    Column("old", Text),
    Column("new", Text),
    Column("undone", UtcTime),
    Index(None, "entry_id"),
    Index(None, "article_id"),
    Index(None, "copy_id"),
    sqlite_autoincrement=True,
)

# --- order -----------------------------------------------------------------------------------------

# A scope is "all", "author:ID", "category:ID", "source:SLUG" or "article:ID": what a feed or page shows.
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
    _ref("article_id", "articles"),
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

# --- partners ----------------------------------------------------------------------------------------

# The secret addresses of partners' feeds: of each only the SHA-256 digest is kept, in hexadecimal.
tokens = Table(
    "tokens",
    metadata,
    _id(),
    Column("partner", String, nullable=False),  # slug
    Column("digest", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime),  # about when last
    Column("revoked", UtcTime),
    UniqueConstraint("digest"),
)
