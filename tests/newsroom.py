"""An invented newsroom to test with: small enough to know by heart, with every part an article can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feeds.model import Media, MediaRole
from service.model import (
    Article,
    Author,
    AuthorKind,
    Category,
    Contributor,
    EditorsNote,
    Origin,
    Status,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

ADA = Author(name="Ada Marsh", bio="<p>Ada writes about the sea.</p>")
BEN = Author(name="Ben Okoro")
TRUST = Author(name="Harbour Gazette Trust", kind=AuthorKind.ORGANIZATION)
PARTNER = Author(name="Cleo Duarte", source="lantern", uri="https://lantern.example/cleo")

ENERGY = Category(scheme="theme", slug="energy", label="Energy")
WATER = Category(scheme="theme", slug="water", label="Water")
NORTH = Category(scheme="region", slug="north-shore", label="North Shore")
ISLANDS = Category(scheme="region", slug="islands", label="Islands")
TIDES = Category(scheme="report", slug="tide-lines", label="Tide Lines")


def article(number: int, **changed: object) -> Article:
    """The numbered article, each an hour older than the one before."""
    published = NOW - timedelta(hours=number)
    values: dict[str, object] = {
        "title": f"Article number {number}",
        "slug": f"article-{number}",
        "content": f"<p>Text of article {number}.</p>",
        "summary": f"Summary {number}.",
        "published": published,
        "updated": published,
        "authors": (ADA,),
        "categories": (ENERGY,),
    }
    return Article(**{**values, **changed})  # type: ignore[arg-type]  # any field may be changed


def everything() -> Article:
    """An article with all that an article can have."""
    return article(
        1,
        title='Tides & "turbines": <power> at sea',
        slug="tides-and-turbines",
        content="<h2>The plan</h2><p>Long <em>text</em>.</p>",
        authors=(TRUST, ADA, BEN),
        contributors=(Contributor(author=Author(name="Dora Lind"), role="translator"),),
        categories=(ENERGY, WATER, NORTH, ISLANDS, TIDES),
        editors_note=EditorsNote(
            html="<p>We publish this with thanks.</p>", author=ADA, date=NOW - timedelta(days=1)
        ),
        rights="Copyright (c) Ada Marsh and Ben Okoro, 2026",
        license="cc-by",
        discussion_url="https://forum.example/tides",
        media=(
            Media(
                url="https://gazette.example/media/tides.mp3",
                type="audio/mpeg",
                length=12345,
                title="Listen",
            ),
            Media(
                url="https://gazette.example/media/tides.jpg",
                role=MediaRole.ILLUSTRATION,
                type="image/jpeg",
                width=1200,
                height=800,
                credit="Ada Marsh",
                description="Turbines at dusk",
            ),
        ),
    )


def republished() -> Article:
    """A partner's article under a license that lets the full text leave."""
    return article(
        2,
        title="The Lantern on lighthouses",
        slug="the-lantern-on-lighthouses",
        authors=(PARTNER,),
        categories=(ENERGY, NORTH),
        source="lantern",
        guid="https://lantern.example/?p=77",
        license="cc-by",
        rights="Copyright (c) The Lantern and Cleo Duarte, 2026",
        origins=(
            Origin(
                title="The Lantern",
                source="lantern",
                home="https://lantern.example/",
                feed="https://lantern.example/feed.atom",
                feed_id="tag:lantern.example,2020:feed",
                url="https://lantern.example/lighthouses",
                entry_id="https://lantern.example/?p=77",
                updated=NOW - timedelta(hours=2),
                rights="Copyright (c) The Lantern",
            ),
        ),
        canonical_url="https://lantern.example/lighthouses",
    )


def articles() -> list[Article]:
    """The whole newsroom: fifteen articles, of which twelve are published."""
    return [
        everything(),
        republished(),
        article(3, title="Unclear terms", slug="unclear-terms", source="unclear",
                origins=(Origin(title="Unclear Terms Weekly", source="unclear",
                                url="https://unclear.example/1", home="https://unclear.example/"),)),
        article(4, language="ar", title="مقال عن الماء", slug="maqal", categories=(WATER, ISLANDS)),
        *(article(number) for number in range(5, 13)),
        article(13, status=Status.DRAFT),
        article(14, status=Status.SCHEDULED, published=NOW + timedelta(hours=1),
                updated=NOW + timedelta(hours=1)),
        article(15, license="closed"),
    ]  # fmt: skip
