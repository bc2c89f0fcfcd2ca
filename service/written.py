"""Entries as they were last written: an article stands in many feeds, and most of each stays the same.

What is kept is used for a document only if both are of the same state of the database: the change log tells
which articles a commit touched.
"""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Self

from msgspec import Struct, field

from service.model import ARTICLE, EVERYTHING
from service.store import articles, changelog, meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from feeds.model import Entry, Format
    from service.store import Transaction
    from service.store.articles import Kinds
    from service.store.meta import Founded

_MOST = 48_000_000  # bytes, of one process
_OVERHEAD = 2_000  # bytes that keeping an article takes beside what it says
_COPIES = 6  # of what it says: as entry and in each format, where < and & take more room


class Sheet(Struct, frozen=True):
    """An article as feeds show it, and how that was written in each format that was asked for."""

    published: datetime  # UTC, by which feeds are ordered
    updated: datetime  # UTC
    entry: Entry | None  # None where its terms let nothing of it leave
    size: int  # bytes that keeping it may come to take
    data: dict[tuple[Format, bool], bytes] = field(default_factory=dict)  # and whether without text

    @classmethod
    def of(cls, published: datetime, updated: datetime, entry: Entry | None) -> Self:
        """A sheet that nothing was written of yet."""
        return cls(published, updated, entry, _OVERHEAD + _COPIES * len(pickle.dumps(entry)))


class Facts(Struct, frozen=True):
    """What is true of a whole state of the database."""

    change: int  # the newest in it
    founded: Founded
    kinds: Kinds


class Written(Struct):
    """Sheets by article, of one state of the database; the least recently used leave first."""

    most: int = _MOST  # bytes
    _sheets: OrderedDict[int, Sheet] = field(default_factory=OrderedDict)
    _size: int = 0  # bytes
    _change: int | None = None  # the newest that the sheets know of
    _facts: Facts | None = None  # of the state that was last asked for
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def facts(self, tx: Transaction, change: int) -> Facts:
        """What is true of the state that this transaction sees, after `change`: asked once for each."""
        known = self._facts
        if known is None or known.change != change:
            known = self._facts = Facts(change, meta.founded(tx), articles.kinds(tx))
        return known

    def catch_up(self, tx: Transaction, change: int) -> None:
        """Drop what was touched up to `change`, the newest that this transaction sees."""
        while (known := self._change) is None or known < change:
            touched = () if known is None else changelog.since(tx, known)
            with self._lock:
                if self._change == known:  # else another thread was quicker
                    self._drop(touched)
                    self._change = change

    def get(self, change: int, numbers: Iterable[int]) -> dict[int, Sheet]:
        """What is kept of these articles, by row id, if it is of the state after `change`."""
        with self._lock:
            if self._change != change:
                return {}
            found = {number: self._sheets[number] for number in numbers if number in self._sheets}
            for number in found:
                self._sheets.move_to_end(number)
            return found

    def put(self, change: int, made: Mapping[int, Sheet]) -> None:
        """Keep what was made of the state after `change`, unless another is known by now."""
        with self._lock:
            if self._change != change:
                return
            for number, sheet in made.items():
                self._forget(number)
                self._sheets[number] = sheet
                self._size += sheet.size
            while self._size > self.most:
                self._forget(next(iter(self._sheets)))

    def _drop(self, touched: Iterable[str]) -> None:
        for scope in touched:
            if scope == EVERYTHING:
                self._sheets.clear()
                self._size = 0
            elif scope.startswith(ARTICLE):
                self._forget(int(scope.removeprefix(ARTICLE)))

    def _forget(self, number: int) -> None:
        sheet = self._sheets.pop(number, None)
        if sheet is not None:
            self._size -= sheet.size
