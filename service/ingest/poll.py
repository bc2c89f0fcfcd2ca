"""The words of polling: a poll under way, and what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from service.ingest.knowing import Knowledge

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Entry, Feed
    from feeds.opml import Outlines
    from service.config import SourceSettings
    from service.fetch import Answer
    from service.model import HostLease, PollOutcome, PollResult, Source
    from service.runtime import Runtime


class Poll(Struct, frozen=True):
    """A poll under way: who asks, of whom, and under which lease."""

    runtime: Runtime
    lease: HostLease
    source: Source
    settings: SourceSettings
    url: str  # asked: that of the source, or of an archive document
    started: datetime
    held_from: float  # monotonic seconds, just before the lease was claimed or renewed
    id: int
    is_last: bool  # no other source of the host is polled after it

    @property
    def of_archive(self) -> bool:
        """Whether an archive document is asked for, which tells nothing of the source's own feed."""
        return self.url == self.source.archive


class Reply(Struct, frozen=True):
    """What a poll brought, before any of it is saved."""

    result: PollResult
    reason: str = ""
    answer: Answer | None = None
    body_digest: str | None = None
    feed: Feed | None = None
    knowledge: Knowledge = field(default_factory=Knowledge)  # of the document's entries
    is_cut: bool = False  # entries were left for the next poll
    outlines: Outlines | None = None  # of a list of feeds
    cut: tuple[Entry, ...] = ()  # those beyond the limit
    quarantined: str | None = None  # the mark of a body that no reader survived
    milliseconds: int = 0  # until a fetch was given up that got no answer

    @property
    def is_familiar(self) -> bool:
        """Whether the document has something that came from this source before."""
        return self.body_digest is not None and (
            self.feed is None or bool(self.knowledge.known) or bool(self.feed.unchanged)
        )


class Ended(Struct, frozen=True):
    """How a poll ended, and where its source stands now."""

    outcome: PollOutcome
    source: Source
    is_released: bool  # the host was given back with it
