"""An article corrected the day after, and one that was not: each keeps its own dates."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/5",
            title="Lighthouse is 41 metres tall",
            link="https://courier.example/articles/2026/11/lighthouse",
            authors=(Person("Bo Lindqvist", "https://courier.example/author/bo-lindqvist"),),
            published=at(16),
            updated=at(17, 8, 5),
            content="<p>The lighthouse is <ins>41</ins> <del>14</del> metres tall.</p>",
        ),
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
)
