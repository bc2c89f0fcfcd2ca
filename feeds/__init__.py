"""Documents in, documents out: feeds of every dialect are read into one shape, and written from it.

What reads and what writes is loaded when it is first asked for: few processes do both.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from feeds.errors import FeedError, ForbiddenMarkup, InvalidOutline, NotAFeed, UnwritableFeed
from feeds.model import Entry, Feed, Format

if TYPE_CHECKING:
    from feeds.opml import read_opml, write_opml
    from feeds.reading import read
    from feeds.sanitize import clean
    from feeds.writing import write

__all__ = [
    "Entry",
    "Feed",
    "FeedError",
    "ForbiddenMarkup",
    "Format",
    "InvalidOutline",
    "NotAFeed",
    "UnwritableFeed",
    "clean",
    "read",
    "read_opml",
    "write",
    "write_opml",
]

_HOMES = {
    "clean": "feeds.sanitize",
    "read": "feeds.reading",
    "read_opml": "feeds.opml",
    "write": "feeds.writing",
    "write_opml": "feeds.opml",
}


def __getattr__(name: str) -> object:
    """A public name that is not loaded yet (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
