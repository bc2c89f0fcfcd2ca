"""A feed without entries: a new author's, or a category's in which nothing has been filed."""

from msgspec.structs import replace

from tests.feeds.golden import COURIER, at

FEED = replace(COURIER, title="Articles by Nobody Yet", authors=(), updated=at(1))
