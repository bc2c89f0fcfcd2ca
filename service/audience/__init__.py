"""Who reads the feeds, in numbers that name nobody: pure counting, without a clock, network or database."""

from __future__ import annotations

from service.audience.agents import Told, told
from service.audience.clients import client
from service.audience.counting import Counts, FeedCount, Note, Seen
from service.audience.sketch import Sketch

__all__ = ["Counts", "FeedCount", "Note", "Seen", "Sketch", "Told", "client", "told"]
