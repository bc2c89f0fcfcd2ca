"""Entries in French and Chinese in an English feed, and one that repeats the feed's language."""

from msgspec.structs import replace

from feeds.model import Entry, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:article/11",
            title="L’écluse est à sec",
            link="https://courier.example/articles/2026/11/ecluse",
            authors=(Person("Zoé Brün"),),
            published=at(6),
            updated=at(6),
            summary="Où est passée l’eau ?",
            content="<p>Où est passée l’eau ?</p>",
            language="fr-CA",
        ),
        Entry(
            id="tag:courier.example,2026:article/12",
            title="港口第二码头启用",
            link="https://courier.example/articles/2026/11/harbour-zh",
            authors=(Person("林海"),),
            published=at(5),
            updated=at(5),
            content="<p>第一艘船已经靠岸。</p>",
            language="zh-Hans",
        ),
        Entry(
            id="tag:courier.example,2026:article/13",
            title="The lock is dry",
            link="https://courier.example/articles/2026/11/lock",
            authors=(Person("Zoé Brün"),),
            published=at(4),
            updated=at(4),
            content="<p>Where has the water gone?</p>",
            language="en",
        ),
    ),
)
