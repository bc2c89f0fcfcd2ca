"""A withdrawn article, which is newer than all that is left; the feed's date follows from it."""

from msgspec.structs import replace

from feeds.model import Entry, Person, Tombstone
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    updated=None,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/4",
            title="Lighthouse to be painted",
            link="https://courier.example/articles/2026/11/lighthouse-paint",
            authors=(Person("Bo Lindqvist", "https://courier.example/author/bo-lindqvist"),),
            published=at(15),
            updated=at(15),
            content="<p>In red and white.</p>",
        ),
    ),
    tombstones=(
        Tombstone("tag:courier.example,2026:article/6", at(18, 7), "Published in error."),
        Tombstone("tag:lantern.example,2016:12/13/wrecks", at(12)),
    ),
)
