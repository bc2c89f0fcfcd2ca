"""What was asked for, added up by feed within bounds that no flood of requests, agents or feeds can pass."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from service.audience.agents import told
from service.audience.clients import client
from service.audience.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.audience.clients import Networks

_FEED = "/feeds/"  # what else is kept is no feed
_ARCHIVE = "/archive/"  # walked by who reads the feed itself
OTHERS = ""  # the feed under which those are counted for which there is no room
MOST_FEEDS = 1000
_MOST_AGENTS = 20  # of a feed, that are not known aggregators
_MOST_LOOKED_AT = 1000  # different requests of a batch; of the others only the number is kept


class Seen(NamedTuple):
    """A request for a feed, as long as it is in memory: that is a second."""

    path: str
    agent: str  # User-Agent
    peer: str  # address
    forwarded: str  # X-Forwarded-For
    size: int | None  # bytes of the body; None for 304


Note = tuple[str, str, str, str, int | None]  # the same, as it is quickest made


class FeedCount(Struct):
    """What was asked of a feed."""

    requests: int = 0
    unchanged: int = 0  # of these, answered by 304
    size: int = 0  # bytes sent
    readers: Sketch = field(default_factory=Sketch)  # who speak for themselves
    subscribers: dict[str, int] = field(default_factory=dict)  # by aggregator, as it told last

    def hear(self, name: str, number: int, *, known: bool) -> None:
        """Take an aggregator's word for its subscribers, if there is room for it."""
        if known or name in self.subscribers or len(self.subscribers) < _MOST_AGENTS:
            self.subscribers[name] = number

    def add(self, other: FeedCount) -> None:
        """Take over what was counted elsewhere."""
        self.requests += other.requests
        self.unchanged += other.unchanged
        self.size += other.size
        self.readers = self.readers.merged(other.readers)
        for name, number in other.subscribers.items():
            self.hear(name, number, known=False)


class Counts:
    """Counts of one day and process, until they are taken."""

    def __init__(self, proxies: Networks) -> None:
        self._proxies = proxies
        self._feeds: dict[str, FeedCount] = {}

    def add(self, batch: Iterable[Note], salt: bytes | None) -> None:
        """Count these requests; the day's salt turns who asked into what nobody can turn back.

        Without one, who asks for themselves is not counted.
        """
        for number, (note, times) in enumerate(Counter(batch).items()):
            seen = Seen(*note)
            if _ARCHIVE in seen.path or not seen.path.startswith(_FEED):
                continue
            feed = self._feed(seen.path)
            feed.requests += times
            if seen.size is None:
                feed.unchanged += times
            else:
                feed.size += seen.size * times
            if number < _MOST_LOOKED_AT:
                self._look_at(seen, feed, salt)

    def _look_at(self, seen: Seen, feed: FeedCount, salt: bytes | None) -> None:
        aggregator = told(seen.agent)
        if aggregator is not None:
            feed.hear(aggregator.name, aggregator.subscribers, known=aggregator.known)
            return
        if salt is None:
            return
        who = f"{client(seen.peer, seen.forwarded, self._proxies)}\0{seen.agent}"
        digest = blake2b(who.encode("utf-8", "replace"), digest_size=8, key=salt).digest()
        feed.readers.add(int.from_bytes(digest))

    def _feed(self, path: str) -> FeedCount:
        found = self._feeds.get(path)
        if found is None:
            key = path if len(self._feeds) < MOST_FEEDS else OTHERS
            found = self._feeds.setdefault(key, FeedCount())
        return found

    def taken(self) -> dict[str, FeedCount]:
        """What was counted since it was last taken."""
        found, self._feeds = self._feeds, {}
        return found
