"""Articles that wait for a reviewer or for their release; what entries inherit from their feed's head."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("verdict = 'waiting'")


def upgrade() -> None:
    op.add_column("articles", sa.Column("release", sa.BigInteger(), nullable=True))
    op.add_column("polls", sa.Column("waiting", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "heads",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heads")),
        sa.UniqueConstraint("digest", name=op.f("uq_heads_digest")),
        sqlite_autoincrement=True,
    )
    op.add_column("entries", sa.Column("head_id", _ROW_ID, nullable=True))
    op.create_index(
        "ix_entries_waiting",
        "entries",
        ["verdict", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
