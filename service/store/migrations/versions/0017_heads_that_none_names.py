"""Whether an entry names a head is looked up, so that the others can go."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_entries_head_id", "entries", ["head_id"])
