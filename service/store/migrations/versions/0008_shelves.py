"""Every article gets a place in each scope that it is of."""

import re
from collections import defaultdict

import sqlalchemy as sa
from alembic import op
from pyroaring import BitMap

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TAG = re.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*")
_MEMBERS = """
    SELECT 'all' AS scope, id AS article_id FROM articles
    UNION SELECT 'author:' || coalesce(authors.alias_of, authors.id), bylines.article_id
        FROM bylines JOIN authors ON authors.id = bylines.author_id WHERE bylines.role = 'author'
    UNION SELECT 'category:' || category_id, article_id FROM filings
    UNION SELECT 'source:' || source, id FROM articles WHERE source <> ''
    UNION SELECT spoken.scope, articles.id
        FROM articles JOIN spoken ON spoken.tag = coalesce(articles.language, '')
"""
_RANKS = """
    SELECT id, 'published' AS state, -published AS rank FROM articles WHERE status = 'published'
    UNION ALL SELECT id, 'retracted', -retracted FROM articles WHERE status = 'retracted'
    UNION ALL SELECT id, 'scheduled', published FROM articles WHERE status = 'scheduled'
    UNION ALL SELECT id, 'expiring', expires FROM articles
        WHERE status = 'published' AND expires IS NOT NULL
"""
_STANDING = f"WITH members AS ({_MEMBERS}), ranks AS ({_RANKS})"

_COUNTED = """
    SELECT members.scope, ranks.state, count(*)
    FROM members JOIN ranks ON ranks.id = members.article_id
    GROUP BY members.scope, ranks.state ORDER BY members.scope, ranks.state
"""
_PLACED = """
    SELECT shelves.id, ranks.rank, members.article_id
    FROM members JOIN ranks ON ranks.id = members.article_id
    JOIN shelves ON shelves.scope = members.scope AND shelves.state = ranks.state
"""


def upgrade() -> None:
    op.create_table(
        "shelves",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelves")),
        sa.UniqueConstraint("scope", "state", name=op.f("uq_shelves_scope_state")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "places",
        sa.Column("shelf_id", _ROW_ID, nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("article_id", _ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelves.id"], name=op.f("fk_places_shelf_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_places_article_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("shelf_id", "rank", "article_id", name=op.f("pk_places")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "postings",
        sa.Column("shelf_id", _ROW_ID, nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelves.id"], name=op.f("fk_postings_shelf_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("shelf_id", "chunk", name=op.f("pk_postings")),
    )
    _shelve()
    _post()
    op.drop_index("ix_articles_source", table_name="articles")
    op.drop_index("ix_articles_retracted", table_name="articles")


def _shelve() -> None:
    """Put each article on the shelf of every scope and state that it is of."""
    bind = op.get_bind()
    tags = bind.execute(sa.text("SELECT DISTINCT coalesce(language, '') FROM articles")).scalars()
    spoken = [{"tag": tag, "scope": scope} for tag in tags for scope in _languages(tag)]
    op.execute("CREATE TEMPORARY TABLE spoken (tag TEXT NOT NULL, scope TEXT NOT NULL)")
    if spoken:
        bind.execute(sa.text("INSERT INTO spoken (tag, scope) VALUES (:tag, :scope)"), spoken)
    op.execute(f"INSERT INTO shelves (scope, state, articles) {_STANDING} {_COUNTED}")
    op.execute(f"INSERT INTO places (shelf_id, rank, article_id) {_STANDING} {_PLACED}")
    op.execute("DROP TABLE spoken")


def _languages(tag: str) -> list[str]:
    if not _TAG.fullmatch(tag.lower()):
        return ["language:"]
    parts = tag.lower().split("-")
    return ["language:" + "-".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _post() -> None:
    """Make the sets of row ids that shelves are combined by."""
    bind = op.get_bind()
    add = sa.text(
        "INSERT INTO postings (shelf_id, chunk, members) VALUES (:shelf, :chunk, :members)"
    )
    for shelf in bind.execute(sa.text("SELECT id FROM shelves ORDER BY id")).scalars().all():
        chunks: defaultdict[int, list[int]] = defaultdict(list)
        standing = sa.text("SELECT article_id FROM places WHERE shelf_id = :shelf")
        for article in bind.execute(standing, {"shelf": shelf}).scalars():
            chunks[article >> 16].append(article)
        rows = [
            {"shelf": shelf, "chunk": chunk, "members": BitMap(members).serialize()}
            for chunk, members in sorted(chunks.items())
        ]
        bind.execute(add, rows)
