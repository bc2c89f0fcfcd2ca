"""Headline, summary and link only, as unknown terms demand it; and an entry without any text."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="https://lantern.example/2026/salt",
            title="Salt prices fall",
            link="https://lantern.example/2026/salt",
            authors=(Person("Lantern Review"),),
            published=at(10),
            updated=at(10),
            summary="Salt costs < 1 crown & is falling.",
        ),
        Entry(
            id="https://lantern.example/?p=77",
            title="Pepper prices rise",
            link="https://lantern.example/2026/pepper",
            authors=(Person("Lantern Review"),),
            published=at(9),
            updated=at(9),
        ),
    ),
)
