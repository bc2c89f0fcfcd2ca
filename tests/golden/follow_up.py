"""An entry that follows another one, at two places, with its pictures' rights, to be shown for a year."""

from msgspec.structs import replace

from feeds.model import (
    Category,
    Entry,
    Media,
    MediaRole,
    Person,
    Place,
    Reference,
)
from tests.feeds.golden import COURIER, REGIONS, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            "tag:courier.example,2026:article/18",
            title="What became of the two harbours",
            link="https://courier.example/articles/2026/11/what-became-of-the-two-harbours",
            authors=(Person("Ada Merrow", "https://courier.example/author/ada-merrow"),),
            contributors=(Person("Bo Lindqvist", role="photographer"),),
            published=at(20),
            updated=at(20),
            summary="A year later, both are open again.",
            content="<p>A year later, both are open again.</p>",
            categories=(
                Category("north-shore", REGIONS, "North Shore"),
                Category("islands", REGIONS, "Islands"),
            ),
            media=(
                Media(
                    "https://media.courier.example/harbours.mp3",
                    type="audio/mpeg",  # whose length nobody could tell
                ),
                Media(
                    "https://media.courier.example/map.pdf", type="application/pdf", length=48213
                ),
                Media(
                    "https://media.courier.example/harbours.jpg",
                    MediaRole.ILLUSTRATION,
                    type="image/jpeg",
                    length=181_022,
                    width=1600,
                    height=900,
                    credit="Bo Lindqvist",
                    description="Both harbours at noon",
                    rights="© 2026 Bo Lindqvist",
                ),
            ),
            in_reply_to=Reference(
                "tag:courier.example,2025:article/7",
                "https://courier.example/articles/2025/11/two-harbours",
                "https://courier.example/feeds/all.atom",
            ),
            places=(Place(61.5, 5.02), Place(60.39299, -5.32415)),
            valid_until=at(30, 23, 59),
        ),
    ),
)
