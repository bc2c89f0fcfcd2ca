"""A closed archive document (RFC 5005 section 4) between two others."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    self_link="https://courier.example/feeds/all/archive/2",
    updated=at(1, 18),
    previous_archive="https://courier.example/feeds/all/archive/1",
    next_archive="https://courier.example/feeds/all/archive/3",
    current="https://courier.example/feeds/all",
    archive=True,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/0",
            title="First words",
            link="https://courier.example/articles/2026/11/first-words",
            authors=(Person("Ada Merrow"),),
            published=at(1),
            updated=at(1, 18),
            content="<p>Here we are.</p>",
        ),
    ),
)
