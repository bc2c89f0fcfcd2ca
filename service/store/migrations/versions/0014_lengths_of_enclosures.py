"""The lengths of enclosures are asked for where nobody has told them."""

import sqlalchemy as sa
from alembic import op

from service.store.sources import host_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 1_000
_LONGEST = 2048  # bytes of an address
_UNKNOWN = sa.text(
    "SELECT DISTINCT media.article_id, media.url, articles.created"
    " FROM media JOIN articles ON articles.id = media.article_id"
    " WHERE media.role = 'enclosure' AND coalesce(media.length, 0) = 0"
    " ORDER BY media.article_id, media.url"
)
_ASK = sa.text(
    "INSERT INTO lengths (url, article_id, host, attempts, next_at)"
    " VALUES (:url, :article, :host, 0, :at)"
)


def upgrade() -> None:
    op.create_table(
        "lengths",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article_id", _ROW_ID, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("length", _ROW_ID, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_lengths_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("url", "article_id", name=op.f("pk_lengths")),
    )
    op.create_index("ix_lengths_next_at", "lengths", ["next_at"])
    op.create_index("ix_lengths_article_id", "lengths", ["article_id"])
    bind = op.get_bind()
    rows = [
        {"url": it.url, "article": it.article_id, "host": host_of(it.url), "at": it.created}
        for it in bind.execute(_UNKNOWN)
        if it.url.startswith(("http://", "https://")) and len(it.url.encode()) <= _LONGEST
    ]
    for first in range(0, len(rows), _AT_ONCE):
        bind.execute(_ASK, rows[first : first + _AT_ONCE])
