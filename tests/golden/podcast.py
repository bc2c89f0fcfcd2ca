"""A recording in several files, of which one has no known length, and a picture to go with them."""

from msgspec.structs import replace

from feeds.model import Entry, Media, MediaRole, Person
from tests.feeds.golden import COURIER, at

FEED = replace(
    COURIER,
    entries=(
        Entry(
            id="tag:courier.example,2026:episode/1",
            title="Episode 1: fog",
            link="https://courier.example/articles/2026/11/fog",
            authors=(Person("Dana Reyes"),),
            published=at(14),
            updated=at(14),
            summary="Why horns were louder.",
            content="<p>Why horns were louder.</p>",
            media=(
                Media("https://media.example/fog-live", type="audio/ogg"),
                Media(
                    "https://media.example/fog.mp3",
                    type="audio/mpeg",
                    length=12345678,
                    duration=1834,
                    title="The whole episode",
                ),
                Media("https://media.example/fog.mp4", type="video/mp4", length=987654321),
                Media(
                    "https://media.example/fog.jpg",
                    MediaRole.ILLUSTRATION,
                    type="image/jpeg",
                    width=1600,
                    height=900,
                    title="Fog",
                    credit="Dana Reyes / The Harbour Courier",
                    description="The harbour in fog, seen from the second quay",
                ),
            ),
        ),
    ),
)
