"""Numbers of readers: what was asked of each feed on each day, and what aggregators told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("readers", sa.BigInteger(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "feed", name=op.f("pk_audiences")),
    )
    op.create_table(
        "subscribers",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "feed", "name", name=op.f("pk_subscribers")),
    )
