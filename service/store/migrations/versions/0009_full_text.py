"""The words of every article, to be searched."""

import sqlalchemy as sa
from alembic import op

from service import words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 200  # articles
_REMOVE = """
    INSERT INTO texts_index (texts_index, rowid, words) VALUES ('delete', old.article_id, old.words);
"""
_ADD = "INSERT INTO texts_index (rowid, words) VALUES (new.article_id, new.words);"
_SQLITE = (
    "CREATE VIRTUAL TABLE texts_index USING fts5(words, content='texts', content_rowid='article_id',"
    " tokenize='unicode61 remove_diacritics 0', columnsize=0)",
    f"CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN {_ADD} END",
    f"CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN {_REMOVE} END",
    f"CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN {_REMOVE} {_ADD} END",
)
_POSTGRESQL = (
    "ALTER TABLE texts ADD COLUMN vector tsvector"
    " GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
    "CREATE INDEX ix_texts_vector ON texts USING gin (vector)",
)
_ARTICLES = sa.text(
    "SELECT id, title, summary, content FROM articles WHERE id > :last ORDER BY id LIMIT :most"
)
_NAMES = sa.text(
    "SELECT bylines.article_id, authors.name FROM bylines"
    " JOIN authors ON authors.id = bylines.author_id"
    " WHERE bylines.role = 'author' AND bylines.article_id BETWEEN :first AND :last"
    " ORDER BY bylines.article_id, bylines.position"
)
_WRITE = sa.text("INSERT INTO texts (article_id, words) VALUES (:article, :words)")


def upgrade() -> None:
    op.create_table(
        "texts",
        sa.Column("article_id", _ROW_ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_texts_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_texts")),
    )
    bind = op.get_bind()
    for statement in _SQLITE if bind.dialect.name == "sqlite" else _POSTGRESQL:
        bind.exec_driver_sql(statement)
    last = 0
    while rows := bind.execute(_ARTICLES, {"last": last, "most": _AT_ONCE}).all():
        names: dict[int, list[str]] = {}
        for row in bind.execute(_NAMES, {"first": rows[0].id, "last": rows[-1].id}):
            names.setdefault(row.article_id, []).append(row.name)
        bind.execute(
            _WRITE,
            [
                {
                    "article": it.id,
                    "words": words.signed(
                        words.spoken(it.title, it.summary, it.content), names.get(it.id, ())
                    ),
                }
                for it in rows
            ],
        )
        last = rows[-1].id
