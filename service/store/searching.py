"""What answers a query, newest first.

The index knows who says a word, not when it was published. What few say is fetched at once and put in order,
what many say is soon found among the newest, which are asked a batch at a time.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyroaring import BitMap

from service.store import texts
from service.store.walking import along, chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.store.database import Transaction
    from service.store.shelving import State
    from service.store.walking import Place, Shelf
    from service.words import Query

COUNTED = 10_000  # answers; of more, nobody is told how many
_FEW = 20_000  # articles; the index names so many in some milliseconds
_BATCH = 200  # articles that are asked together
_PATIENCE = 4_000  # articles asked in vain before all answers are fetched, old ones as they must be


def answers(
    tx: Transaction, query: Query, everything: Shelf, state: State, likely: int
) -> Iterator[Place]:
    """The answers among everything in that state, in order; mostly `likely` of them are wanted."""
    if not query.wanted:
        refused = BitMap(texts.against(tx, query))
        return (it for it in along(tx, everything, likely) if it.article not in refused)
    found = texts.saying(tx, query, limit=_FEW + 1)
    if len(found) <= _FEW:
        return chosen(tx, BitMap(found), [everything], state, likely)
    return _sifted(tx, query, along(tx, everything, _BATCH))


def _sifted(tx: Transaction, query: Query, places: Iterator[Place]) -> Iterator[Place]:
    asked = 0
    while asked < _PATIENCE and (batch := list(islice(places, _BATCH))):
        said = texts.among(tx, query, [it.article for it in batch])
        yield from (it for it in batch if it.article in said)
        asked += len(batch)
    if asked >= _PATIENCE:
        everybody = BitMap(texts.saying(tx, query))
        yield from (it for it in places if it.article in everybody)


def counted(tx: Transaction, query: Query, everything: BitMap) -> int:
    """How many answers are in `everything`; where they are more than COUNTED, that and one."""
    if query.wanted:
        some = texts.saying(tx, query, limit=_FEW + 1)
        found = min(len(everything & BitMap(some)), COUNTED + 1)
        if len(some) <= _FEW or found > COUNTED:
            return found
    return min(len(answering(tx, query, everything)), COUNTED + 1)


def answering(tx: Transaction, query: Query, everything: BitMap) -> BitMap:
    """The row ids of all answers that are in `everything`."""
    if query.wanted:
        return everything & BitMap(texts.saying(tx, query))
    return everything - BitMap(texts.against(tx, query))
