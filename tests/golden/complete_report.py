"""The feed of a closed report: it holds everything, will not change again, and has a license of its own."""

from msgspec.structs import replace

from feeds.model import Category, Entry, License, Person
from tests.feeds.golden import COURIER, REPORTS, at

FEED = replace(
    COURIER,
    id="tag:courier.example,2026:feed/report/the-strait",
    title="In depth: the strait",
    link="https://courier.example/report/the-strait",
    self_link="https://courier.example/feeds/report/the-strait",
    license=License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
    categories=(Category("the-strait", REPORTS, "In depth: the strait"),),
    complete=True,
    expired=True,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/3",
            title="Ferries between two shores",
            link="https://courier.example/articles/2026/11/ferries",
            authors=(Person("Ada Merrow"),),
            published=at(18),
            updated=at(18),
            content="<p>A timetable with a history.</p>",
            categories=(Category("the-strait", REPORTS, "In depth: the strait"),),
            license=License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
        ),
    ),
)
