"""Statements for many rows at once: what SQLAlchemy does for each row, done once for all."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Dialect, Table
    from sqlalchemy.sql.dml import UpdateBase

    from service.store.database import Transaction

    Row = Mapping[str, Any]

_LAST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")


class _Compiled(NamedTuple):
    """A statement as a driver takes it."""

    sql: str
    pick: Callable[[Row], tuple[Any, ...]]  # the values of a row in the statement's order
    constant: Row  # values that stand in the statement
    converted: Sequence[tuple[int, Callable[[Any], Any]]]  # which of them are, and by what
    names: Sequence[str] | None  # by which the driver takes them, if not by their order

    def bound(self, rows: Sequence[Row]) -> list[Any]:
        """The values of rows. What several in a row have, as they do the time of day, is converted once."""
        if self.constant:
            rows = [{**self.constant, **row} for row in rows]
        found = list(map(self.pick, rows))
        if self.converted:
            found = self._converted(found)
        if self.names is None:
            return found
        return [dict(zip(self.names, it, strict=True)) for it in found]

    def _converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        made: dict[int, tuple[Any, Any]] = {at: (None, None) for at, _ in self.converted}
        found = []
        for row in rows:
            values = list(row)
            for at, convert in self.converted:
                value = values[at]
                if value is not None:
                    if value is not made[at][0]:
                        made[at] = value, convert(value)
                    values[at] = made[at][1]
            found.append(tuple(values))
        return found


class Many:
    """An INSERT, UPDATE or DELETE that is run for many rows; it has no RETURNING, and no IN of many values.

    `names` are the columns that rows fill beside the parameters that stand in the statement. None is NULL.
    """

    def __init__(self, statement: UpdateBase, names: Sequence[str] = ()) -> None:
        self._statement = statement
        self._names = list(names)
        self._compiled: dict[str, _Compiled] = {}  # by dialect

    def run(self, tx: Transaction, rows: Sequence[Row]) -> int:
        """Run it for each of these rows, which name every parameter. Gives how many it changed."""
        if not rows:
            return 0
        name = tx.dialect.name
        if name not in self._compiled:
            self._compiled[name] = self._compile(tx.dialect)
        ready = self._compiled[name]
        return tx.exec_driver_sql(ready.sql, ready.bound(rows)).rowcount

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._names or None)
        names = compiled.positiontup if compiled.positional else tuple(compiled.binds)
        constant = {name: it.value for name, it in compiled.binds.items() if not it.required}
        converted = [
            (at, convert)
            for at, name in enumerate(names)
            if (convert := compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        ]
        return _Compiled(
            compiled.string,
            itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],),
            constant,
            converted,
            None if compiled.positional else names,
        )


def inserting(table: Table, *but: str) -> Many:
    """Rows for all columns of a table, but for some."""
    return Many(insert(table), [it.name for it in table.c if it.name not in but])


def new_ids(tx: Transaction, table: Table, number: int) -> Sequence[int]:
    """The row ids of as many rows as are about to be added to a table: nobody else is given them."""
    if tx.dialect.name == "sqlite":  # there is no other writer
        last: int = tx.exec_driver_sql(_LAST, (str(table.name),)).scalar_one()
        return range(last + 1, last + 1 + number)
    return list(tx.execute(_NEXT, {"name": table.name, "number": number}).scalars())
