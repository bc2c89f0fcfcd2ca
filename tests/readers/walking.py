"""A reader that keeps the whole of a feed by its archives (RFC 5005 section 4), and never asks for one twice.

It believes nothing but documents: what stands in one is there, what a tombstone names is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feeds.model import Entry, Feed, Format
from feeds.reading import read

Get = Callable[[str], bytes]  # what an address holds


class Walker:
    """One subscription, and all that came of it."""

    def __init__(self, address: str, kind: Format, get: Get) -> None:
        self.entries: dict[str, Entry] = {}
        self.fetched: list[str] = []
        self.kind = kind
        self._address, self._get = address, get
        self._known: set[str] = set()  # archives taken in whole
        self._gone: set[str] = set()

    def poll(self) -> None:
        """Ask for the subscription, and for the archives that are new."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[str]:
        """The same with a pause after each document; gives their addresses."""
        seen: set[str] = set()
        said: set[str] = set()
        address: str | None = self._address
        while address is not None and address not in self._known:
            assert address not in seen, "the archives lead in a circle"
            seen.add(address)
            feed = read(self._get(address), url=address, content_type=self.kind.media_type)
            self.fetched.append(address)
            self._take_in(feed, said)
            yield address
            address = feed.next_page if self.kind is Format.JSON else feed.previous_archive
        self._known |= seen - {self._address}

    def _take_in(self, feed: Feed, said: set[str]) -> None:
        """What a newer document of the same walk said counts more."""
        for entry in feed.entries:
            known = self.entries.get(str(entry.id))
            if entry.id not in said and (known is None or known.updated <= entry.updated):
                self.entries[str(entry.id)] = entry
        said |= {str(it.id) for it in feed.entries}
        for stone in feed.tombstones:
            if stone.ref not in said:
                self.entries.pop(stone.ref, None)
            said.add(stone.ref)
