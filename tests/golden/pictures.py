"""Two pictures with their credits, the lead image first, and nothing to download."""

from msgspec.structs import replace

from feeds.model import Entry, Media, MediaRole, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/7",
            title="The market in pictures",
            link="https://courier.example/articles/2026/11/market",
            authors=(Person("Dana Reyes"),),
            published=at(13),
            updated=at(13),
            summary="Fish, nets and knives.",
            content='<p><img src="https://media.example/market.jpg" alt="Fish on ice"></p>',
            media=(
                Media(
                    "https://media.example/market.jpg",
                    MediaRole.ILLUSTRATION,
                    type="image/jpeg",
                    length=204800,
                    width=1200,
                    height=800,
                    credit="Dana Reyes",
                    description="Fish on ice & a knife",
                ),
                Media("https://media.example/nets", MediaRole.ILLUSTRATION),
            ),
        ),
    ),
)
