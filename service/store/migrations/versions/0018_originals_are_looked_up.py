"""Articles that were not pulled are found by the addresses of their originals."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OF_ORIGINAL = sa.text("source IS NULL AND length(canonical_url) <= 500")
_OF_ORIGIN = sa.text("source IS NULL AND length(url) <= 500")


def upgrade() -> None:
    for name, table, column, where in (
        ("ix_articles_original", "articles", "canonical_url", _OF_ORIGINAL),
        ("ix_origins_url", "origins", "url", _OF_ORIGIN),
    ):
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
