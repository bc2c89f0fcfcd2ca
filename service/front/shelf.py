"""Answers by address: the least recently used leave when their bytes grow too many."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING

from service.model import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.front.kept import Kept


class Shelf:
    """Holds up to `most` bytes. Any thread may get(); put() and drop_touched() want one at a time.

    What a change has made stale stays until it is made anew or room is wanted: it may be all there is.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._sizes: dict[str, int] = {}  # bytes, by address, as they were added up
        self._hanging_on: defaultdict[str, set[str]] = defaultdict(set)  # addresses, by scope
        self._stale: OrderedDict[str, tuple[Kept, int]] = OrderedDict()  # with their bytes
        self.size = 0  # bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, path: str) -> Kept | None:
        """The answer of that address, which becomes the last to leave."""
        kept = self._kept.get(path)
        if kept is not None:
            try:
                self._kept.move_to_end(path)
            except KeyError:  # dropped by another thread since, and so not to be used
                return None
        return kept

    def last(self, path: str) -> Kept | None:
        """The answer that was last good, however long ago."""
        found, _ = self._stale.get(path, (None, 0))
        return self._kept.get(path) or found

    def put(self, path: str, kept: Kept) -> None:
        """Keep it in place of what was there; make room for it."""
        self.forget(path)
        self._kept[path] = kept  # the last to leave
        self._sizes[path] = kept.size
        self.size += kept.size
        for scope in kept.scopes:
            self._hanging_on[scope].add(path)
        self._make_room()

    def forget(self, path: str) -> None:
        """Keep nothing of that address, not even what was last good."""
        self._drop(path)
        _, stale = self._stale.pop(path, (None, 0))
        self.size -= stale

    def weigh(self, path: str, kept: Kept) -> None:
        """Add up what it has grown by, if it is still there; make room for that."""
        if self._kept.get(path) is kept:
            self.size += kept.size - self._sizes[path]
            self._sizes[path] = kept.size
            self._make_room()

    def drop_touched(self, touched: Mapping[str, int]) -> None:
        """Set every answer aside that was made before one of these changes of a scope that it hangs on."""
        for scope, change in touched.items():
            hanging = self._kept if scope == EVERYTHING else self._hanging_on.get(scope, ())
            for path in tuple(hanging):
                if self._kept[path].change < change:
                    self._set_aside(path)

    def _set_aside(self, path: str) -> None:
        kept, size = self._kept[path], self._sizes[path]
        self._drop(path)
        self._stale[path] = kept, size
        self.size += size

    def _make_room(self) -> None:
        while self.size > self._most and self._stale:
            _, (_, size) = self._stale.popitem(last=False)
            self.size -= size
        while self.size > self._most:
            self._forget(*self._kept.popitem(last=False))

    def _drop(self, path: str) -> None:
        kept = self._kept.pop(path, None)
        if kept is not None:
            self._forget(path, kept)

    def _forget(self, path: str, kept: Kept) -> None:
        self.size -= self._sizes.pop(path)
        for scope in kept.scopes:
            paths = self._hanging_on[scope]
            paths.discard(path)
            if not paths:
                del self._hanging_on[scope]
