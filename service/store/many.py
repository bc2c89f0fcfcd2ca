"""Statements for many rows at once: what SQLAlchemy does for each row, done once for all."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Dialect, Table
    from sqlalchemy.sql.dml import UpdateBase

    from service.store.database import Transaction

    Bound = Callable[[Mapping[str, Any]], Any]

_LAST = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = :name")
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")


class Many:
    """An INSERT, UPDATE or DELETE that is run for many rows; it has no RETURNING, and no IN of many values.

    `names` are the columns that rows fill beside the parameters that stand in the statement.
    """

    def __init__(self, statement: UpdateBase, names: Sequence[str] = ()) -> None:
        self._statement = statement
        self._names = list(names)
        self._compiled: dict[str, tuple[str, Bound]] = {}  # by dialect

    def run(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for each of these rows, which name every parameter. Gives how many it changed."""
        if not rows:
            return 0
        name = tx.dialect.name
        if name not in self._compiled:
            self._compiled[name] = self._compile(tx.dialect)
        sql, bound = self._compiled[name]
        return tx.exec_driver_sql(sql, [bound(row) for row in rows]).rowcount

    def _compile(self, dialect: Dialect) -> tuple[str, Bound]:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._names or None)
        names = compiled.positiontup if compiled.positional else tuple(compiled.binds)
        constant = {name: it.value for name, it in compiled.binds.items() if not it.required}
        converted = [
            (at, convert)
            for at, name in enumerate(names)
            if (convert := compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        ]
        pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)

        def positional(row: Mapping[str, Any]) -> tuple[Any, ...]:
            found: tuple[Any, ...] = pick({**constant, **row} if constant else row)
            if not converted:
                return found
            values = list(found)
            for at, convert in converted:
                values[at] = convert(values[at])
            return tuple(values)

        def named(row: Mapping[str, Any]) -> dict[str, Any]:
            return dict(zip(names, positional(row), strict=True))

        return compiled.string, positional if compiled.positional else named


def inserting(table: Table, *but: str) -> Many:
    """Rows for all columns of a table, but for some."""
    return Many(insert(table), [it.name for it in table.c if it.name not in but])


def new_ids(tx: Transaction, table: Table, number: int) -> Sequence[int]:
    """The row ids of as many rows as are about to be added to a table: nobody else is given them."""
    if tx.dialect.name == "sqlite":  # there is no other writer
        last: int = tx.execute(_LAST, {"name": table.name}).scalar_one()
        return range(last + 1, last + 1 + number)
    return list(tx.execute(_NEXT, {"name": table.name, "number": number}).scalars())
