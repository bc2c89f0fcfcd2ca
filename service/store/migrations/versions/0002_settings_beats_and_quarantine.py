"""The settings in force, the beats of processes, what broke a reader, and what expires next."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("maker", name=op.f("pk_settings")),
    )
    op.create_table(
        "beats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_beats")),
    )
    op.add_column("sources", sa.Column("quarantined", sa.String(), nullable=True))
    op.drop_index(op.f("ix_articles_expires"), table_name="articles")
    op.create_index(
        "ix_articles_expiring",
        "articles",
        ["status", "expires"],
        unique=False,
        sqlite_where=sa.text("expires IS NOT NULL"),
        postgresql_where=sa.text("expires IS NOT NULL"),
    )
