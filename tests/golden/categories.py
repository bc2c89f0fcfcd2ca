"""Two themes, two regions and an in-depth report; a tag of no scheme; a label with a comma."""

from msgspec.structs import replace

from feeds.model import Category, Entry, Person
from tests.feeds.golden import COURIER, REGIONS, REPORTS, THEMES, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/3",
            title="Ferries between two shores",
            link="https://courier.example/articles/2026/11/ferries",
            authors=(Person("Ada Merrow", "https://courier.example/author/ada-merrow"),),
            published=at(18),
            updated=at(18),
            content="<p>A timetable with a history.</p>",
            categories=(
                Category("transport", THEMES, "Transport"),
                Category("trade", THEMES, "Trade, tolls and tariffs"),
                Category("north-shore", REGIONS, "North Shore"),
                Category("south-shore", REGIONS, "South Shore"),
                Category("the-strait", REPORTS, "In depth: the strait"),
                Category("ferries"),
            ),
        ),
    ),
)
