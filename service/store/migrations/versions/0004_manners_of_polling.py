"""What is known of a source's rhythm, wishes, failures, moves and archives."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_new", sa.BigInteger(), nullable=True),
        sa.Column("rhythm", sa.BigInteger(), nullable=True),
        sa.Column("asked_every", sa.BigInteger(), nullable=True),
        sa.Column("skip_hours", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("skip_days", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("move_to", sa.Text(), nullable=True),
        sa.Column("move_since", sa.BigInteger(), nullable=True),
        sa.Column("move_sightings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("move_known", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("archive", sa.Text(), nullable=True),
        sa.Column("archives_left", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("sources", column)
    op.execute("UPDATE sources SET failing_since = last_poll WHERE failures > 0")
