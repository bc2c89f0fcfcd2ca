"""What an article follows, and whose a media object is."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("in_reply_to", sa.JSON(), nullable=True))
    op.add_column("media", sa.Column("rights", sa.Text(), nullable=True))
