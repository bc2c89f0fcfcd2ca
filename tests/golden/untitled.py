"""What is missing: titles, authors in feed and entry, pages to link to, dates."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    authors=(),
    subtitle=None,
    entries=(
        Entry(
            id="tag:courier.example,2026:note/1",
            link="https://courier.example/notes/1",
            published=at(8),
            content="<p>The fog horn was heard again this morning, long before anyone could see"
            " the ferry, the quay, or indeed their own hands.</p>",
        ),
        Entry(id="tag:courier.example,2026:note/2", summary="Fog."),
        Entry(
            id="tag:courier.example,2026:note/3",
            title="Signed",
            authors=(Person("Bo Lindqvist"),),
            updated=at(7),
        ),
    ),
)
