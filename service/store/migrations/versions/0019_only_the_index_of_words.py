"""Of the words that articles say only the index is kept: it can be asked, and made again at any time."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
loses = ("texts",)

_SQLITE = (
    "DROP TABLE texts_index",
    "CREATE VIRTUAL TABLE texts_index USING fts5(words, content='', contentless_delete=1,"
    " tokenize='unicode61 remove_diacritics 0')",
    "INSERT INTO texts_index (rowid, words) SELECT article_id, words FROM texts ORDER BY article_id",
    "DROP TABLE texts",
)
_POSTGRESQL = (
    "ALTER TABLE texts RENAME TO texts_index",
    "ALTER TABLE texts_index ALTER COLUMN vector DROP EXPRESSION, ALTER COLUMN vector SET NOT NULL,"
    " DROP COLUMN words",
    "ALTER TABLE texts_index RENAME CONSTRAINT pk_texts TO pk_texts_index",
    "ALTER TABLE texts_index RENAME CONSTRAINT fk_texts_article_id TO fk_texts_index_article_id",
    "ALTER INDEX ix_texts_vector RENAME TO ix_texts_index_vector",
)


def upgrade() -> None:
    bind = op.get_bind()
    for statement in _SQLITE if bind.dialect.name == "sqlite" else _POSTGRESQL:
        bind.exec_driver_sql(statement)
