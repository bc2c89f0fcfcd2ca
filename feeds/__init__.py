"""Documents in, documents out: feeds of every dialect are read into one shape, and written from it."""

from feeds.errors import FeedError, ForbiddenMarkup, InvalidOutline, NotAFeed, UnwritableFeed
from feeds.model import Entry, Feed, Format
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
