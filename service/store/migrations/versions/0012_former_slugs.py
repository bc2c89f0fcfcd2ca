"""Slugs of former times, who was merged into whom, and what was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "former_slugs",
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("owner", _ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("field", "slug", name=op.f("pk_former_slugs")),
    )
    for table in ("authors", "categories"):
        op.add_column(table, sa.Column("withdrawn", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("withdrawal_reason", sa.Text(), nullable=True))
    op.add_column("authors", sa.Column("merged_into", _ROW_ID, nullable=True))
    op.execute("UPDATE authors SET merged_into = alias_of")
