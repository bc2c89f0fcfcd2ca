"""An article gets another number of a scope when it is corrected after its archive was closed."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("positions") as positions:
        positions.drop_constraint(op.f("uq_positions_scope_article_id"), type_="unique")
