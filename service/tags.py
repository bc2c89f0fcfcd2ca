"""Tags of documents that are not kept themselves: who holds one is told so without its being made anew.

Each is good for as long as the change log tells of nothing that the document hangs on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from service.model import EVERYTHING
from service.store import changelog

if TYPE_CHECKING:
    from datetime import datetime

    from service.store import Transaction

_MOST = 1_000  # documents


class Tag(Struct, frozen=True):
    """What a reader of a document is told to know it by."""

    etag: str  # opaque, of the body before any coding
    last_modified: datetime  # UTC
    scopes: frozenset[str]  # a change in any of them makes it stale
    change: int  # the newest change that the document knows of
    good_until: datetime | None  # when time alone will change it


class Tags(Struct):
    """Tags by document, of one process under one configuration; the least recently used leave first."""

    _tags: OrderedDict[str, Tag] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self, tx: Transaction, change: int, name: str, now: datetime) -> Tag | None:
        """The tag of a document that is as it was; this transaction sees the state after `change`."""
        with self._lock:
            known = self._tags.get(name)
        if known is None or (known.good_until is not None and known.good_until <= now):
            return None
        if known.change == change:
            return known
        touched = (
            changelog.since(tx, known.change).keys()
            if known.change < change
            else {EVERYTHING: 0}.keys()
        )
        if not touched.isdisjoint(known.scopes | {EVERYTHING}):
            return None
        moved = replace(known, change=change)
        self.keep(name, moved)
        return moved

    def keep(self, name: str, tag: Tag) -> None:
        """Keep the tag of a document that was just made."""
        with self._lock:
            self._tags[name] = tag
            self._tags.move_to_end(name)
            while len(self._tags) > _MOST:
                self._tags.popitem(last=False)
