"""Which pictures of ours are shown by which articles, so that those that none shows can be removed."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 500  # articles
_ADDRESS = re.compile(r"https://own\.invalid/media/([0-9a-f]{64}\.[a-z]{3,4})")
_SHOWING = sa.text(
    "SELECT id, content, coalesce(note, '') AS note FROM articles WHERE id > :last"
    " AND (content LIKE '%own.invalid/media/%' OR note LIKE '%own.invalid/media/%')"
    " ORDER BY id LIMIT :most"
)
_MEDIA = sa.text("SELECT article_id, url FROM media WHERE url LIKE 'https://own.invalid/media/%'")
_WRITE = sa.text("INSERT INTO pictured (name, article_id) VALUES (:name, :article)")


def upgrade() -> None:
    op.create_table(
        "pictured",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("article_id", _ROW_ID, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_pictured_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", "article_id", name=op.f("pk_pictured")),
    )
    op.create_index("ix_pictured_article_id", "pictured", ["article_id"])
    bind = op.get_bind()
    found = {
        (name, row.article_id) for row in bind.execute(_MEDIA) for name in _ADDRESS.findall(row.url)
    }
    last = 0
    while rows := bind.execute(_SHOWING, {"last": last, "most": _AT_ONCE}).all():
        for row in rows:
            found |= {(name, row.id) for name in _ADDRESS.findall(row.content + row.note)}
        last = rows[-1].id
    if found:
        bind.execute(_WRITE, [{"name": name, "article": it} for name, it in sorted(found)])
