"""The markup of entries is kept packed: one zstd frame each (RFC 8878), and nothing where none was kept."""

import sqlalchemy as sa
from alembic import op

from service.packing import compressed

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_AT_ONCE = 100  # rows; an entry may have a megabyte
_LEVEL = 1
_RAW = sa.text("SELECT id, raw FROM entries WHERE id > :last ORDER BY id LIMIT :most")
# What is packed goes at once, so that no row grows before it shrinks.
_PACK = sa.text("UPDATE entries SET markup = :markup, raw = '' WHERE id = :id")


def upgrade() -> None:
    op.add_column("entries", sa.Column("markup", sa.LargeBinary(), nullable=True))
    bind = op.get_bind()
    last = 0
    while rows := bind.execute(_RAW, {"last": last, "most": _AT_ONCE}).all():
        packed = [
            {"id": it.id, "markup": compressed(it.raw.encode(), _LEVEL)} for it in rows if it.raw
        ]
        if packed:
            bind.execute(_PACK, packed)
        last = rows[-1].id
    op.drop_column("entries", "raw")
