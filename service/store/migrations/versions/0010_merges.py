"""What was taken for one article: by the pages of entries, by ids that tell nothing, and why."""

import sqlalchemy as sa
from alembic import op

from feeds.identity import page

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 1_000  # entries
_LINKS = sa.text(
    "SELECT entries.id, coalesce(articles.canonical_url, entries.key) AS link FROM entries"
    " LEFT JOIN articles ON articles.id = entries.article_id"
    " WHERE entries.id > :last ORDER BY entries.id LIMIT :most"
)
_WRITE = sa.text("UPDATE entries SET page = :page WHERE id = :id")


def upgrade() -> None:
    op.add_column(
        "sources", sa.Column("shared_ids", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column("entries", sa.Column("page", sa.Text(), nullable=True))
    _fill_pages()
    op.drop_index(op.f("ix_entries_source_id_alias"), table_name="entries")
    op.create_index(op.f("ix_entries_alias_source_id"), "entries", ["alias", "source_id"])
    op.create_index(op.f("ix_entries_page_source_id"), "entries", ["page", "source_id"])
    _create_merges()


def _fill_pages() -> None:
    """By what an entry's article leads to, or else by a key that is a link."""
    bind, last = op.get_bind(), 0
    while rows := bind.execute(_LINKS, {"last": last, "most": _AT_ONCE}).all():
        if found := [{"id": it.id, "page": at} for it in rows if (at := page(it.link))]:
            bind.execute(_WRITE, found)
        last = rows[-1].id


def _create_merges() -> None:
    op.create_table(
        "merges",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", _ROW_ID, nullable=False),
        sa.Column("article_id", _ROW_ID, nullable=True),
        sa.Column("copy_id", _ROW_ID, nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_merges_entry_id"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["articles.id"], name=op.f(f"fk_merges_{name}"), ondelete="RESTRICT"
            )
            for name in ("article_id", "copy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    for name in ("entry_id", "article_id", "copy_id"):
        op.create_index(op.f(f"ix_merges_{name}"), "merges", [name])
