"""A partner's article: its own id, origin, rights and license, and our editor's note before the text."""

from msgspec.structs import replace

from feeds.model import Category, Entry, License, Origin, Person
from tests.feeds.golden import COURIER, THEMES, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:lantern.example,2016:12/13/reefs",
            title="Reefs & wrecks: who owns the sea bed?",
            link="https://courier.example/articles/2026/11/reefs-and-wrecks",
            authors=(
                Person("Lantern Review", "https://courier.example/author/lantern-review"),
                Person("Prof. Edda Holm", "https://courier.example/author/edda-holm"),
            ),
            contributors=(Person("Chidi Okafor", role="translator"),),
            published=at(17),
            updated=at(17, 16),
            summary="Three courts, two answers.",
            content='<aside class="editors-note"><p>We publish this study with the authors’ leave.</p>'
            "<p>Ada Merrow, 17 November 2026</p></aside>\n"
            "<p>Three courts have been asked, and two answers have been given.</p>\n"
            '<p>The original source of this article is <a href="https://lantern.example/reefs">'
            "Lantern Review</a>.</p>",
            categories=(Category("law", THEMES, "Law"),),
            rights="Copyright © Lantern Review and Edda Holm, Lantern Review, 2016",
            license=License("https://courier.example/terms/partners", "Partners’ terms"),
            origin=Origin(
                id="tag:lantern.example,2010:feed",
                title="Lantern Review",
                home="https://lantern.example/",
                feed="https://lantern.example/feed.xml",
                updated=at(17, 15, 30),
                authors=(Person("Lantern Review", "https://lantern.example/about"),),
                rights="© Lantern Review",
                license=License("https://creativecommons.org/licenses/by-nd/4.0/", "CC BY-ND 4.0"),
            ),
            via="https://lantern.example/reefs",
            discussion="https://forum.example/t/reefs",
        ),
    ),
)
