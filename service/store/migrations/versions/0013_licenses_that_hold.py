"""Every article is filed under the license that holds for it; the scheduler files those that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("held", sa.String(), nullable=True))
    op.add_column("articles", sa.Column("is_whole", sa.Boolean(), nullable=True))
