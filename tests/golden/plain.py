"""One article, and every field that a feed's head may have."""

from msgspec.structs import replace

from feeds.model import Category, Entry, Person
from tests.feeds.golden import COURIER, THEMES, at

FEED = replace(
    COURIER,
    editor="desk@courier.example (The Desk)",
    categories=(Category("news", THEMES, "News"),),
    icon="https://courier.example/icon-512.png",
    logo="https://courier.example/logo.png",
    hubs=("https://courier.example/hub", "https://hub.example/"),
    ttl=60,
    skip_hours=(1, 2, 3),
    skip_days=("Saturday", "Sunday"),
    update_seconds=7200,
    next_page="https://courier.example/feeds/all?page=2",
    entries=(
        Entry(
            id="tag:courier.example,2026:article/1",
            title="Harbour opens its second quay",
            link="https://courier.example/articles/2026/11/second-quay",
            authors=(Person("Ada Merrow", "https://courier.example/author/ada-merrow"),),
            published=at(20),
            updated=at(20),
            summary="After four years of work the first ship has moored.",
            content="<p>After four years of work the first ship has moored.</p>\n"
            '<p>It is the <a href="https://ships.example/tern">Tern</a>.</p>',
        ),
    ),
)
