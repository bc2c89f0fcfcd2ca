"""What can go wrong with a document.

FeedError
+-- NotAFeed         the bytes are no feed at all: a web page, a login form, nothing
+-- ForbiddenMarkup  a document type with entities, or nesting and counts beyond all reason
+-- UnwritableFeed   the feed lacks what its format demands
+-- InvalidOutline   the bytes are no OPML
"""


class FeedError(Exception):
    """A document could not be read or written."""


class NotAFeed(FeedError):
    """The bytes are not a feed of any dialect known here."""


class ForbiddenMarkup(FeedError):
    """The document carries markup that is refused before it is parsed."""


class UnwritableFeed(FeedError):
    """The feed lacks something that its format demands."""


class InvalidOutline(FeedError):
    """The bytes are not an OPML document."""
