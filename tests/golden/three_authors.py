"""A byline of an organisation and two people in its order, and others who are credited."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/2",
            title="What the tide gauges say",
            link="https://courier.example/articles/2026/11/tide-gauges",
            authors=(
                Person("Tidal Institute", "https://courier.example/author/tidal-institute"),
                Person(
                    "Ada Merrow",
                    "https://courier.example/author/ada-merrow",
                    "ada@courier.example",
                    "https://courier.example/author/ada-merrow.jpg",
                ),
                Person("Bo Lindqvist"),
            ),
            contributors=(
                Person(
                    "Chidi Okafor",
                    "https://courier.example/author/chidi-okafor",
                    role="translator",
                ),
                Person("Dana Reyes", role="photographer"),
            ),
            published=at(19),
            updated=at(19),
            content="<p>Forty years of readings, in one chart.</p>",
        ),
    ),
)
