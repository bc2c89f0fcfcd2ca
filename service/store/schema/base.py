"""What all tables are made with: one metadata with the names of constraints, row ids, references."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, MetaData

from service.store.types import RowId

# The index of the words that articles say: see texts.py. It is the migrations' alone, FTS5 on SQLite and a
# table on PostgreSQL. SQLite's own tables for it have names that begin with this one.
FULL_TEXT = "texts_index"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    """The row id of a table, which the database gives."""
    return Column("id", RowId, primary_key=True, autoincrement=True)


def ref(name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> Column[int]:
    """A column that holds row ids of another table; `cascade` if a row goes with the one that it names."""
    rule = "CASCADE" if cascade else "RESTRICT"
    return Column(name, RowId, ForeignKey(f"{target}.id", ondelete=rule), nullable=nullable)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the rows for which the condition holds; it stands in the index's `info`.

    The migrations make it on both databases. Said as their option it would load the dialects of both.
    """
    return Index(name, *columns, info={"where": where})
