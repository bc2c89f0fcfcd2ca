"""What the index of words holds, as both databases can be compared by it."""

from __future__ import annotations

from collections import defaultdict

from service.store import Transaction
from service.store.schema import FULL_TEXT


def spoken(tx: Transaction) -> dict[int, list[tuple[int, str]]]:
    """The words of each article by row id, with the place of each."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for article, place, word in _sqlite(tx) if tx.dialect.name == "sqlite" else _postgresql(tx):
        found[article].append((place, word))
    return {article: sorted(words) for article, words in sorted(found.items())}


def _sqlite(tx: Transaction) -> list[tuple[int, int, str]]:
    tx.exec_driver_sql("PRAGMA query_only=OFF")  # for a table of this connection's own
    tx.exec_driver_sql(
        f"CREATE VIRTUAL TABLE temp.spoken USING fts5vocab(main, {FULL_TEXT}, instance)"
    )
    rows = tx.exec_driver_sql('SELECT doc, "offset" + 1, term FROM temp.spoken').all()
    tx.exec_driver_sql("DROP TABLE temp.spoken")
    return [tuple(row) for row in rows]


def _postgresql(tx: Transaction) -> list[tuple[int, int, str]]:
    rows = tx.exec_driver_sql(
        f"SELECT article_id, unnest(positions), lexeme FROM {FULL_TEXT}, unnest(vector)"
    )
    return [tuple(row) for row in rows]
