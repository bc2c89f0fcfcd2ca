"""sfeed, tried as Debian releases it (1.7).

It shows the first author of an entry in every format, the first enclosure, and each category by its term in
Atom and by its label in RSS. Content goes before the summary; an Atom summary is plain text, an RSS
description HTML. It dates an entry by its first publication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from feeds.model import Format
from feeds.writing import write
from service.runtime import Current
from service.web import create_app
from tests.readers.driving import served, sfeed
from tests.readers.gazette import GAZETTE, HEADLINES, REPUBLISHED, TEASER, TIDES

if TYPE_CHECKING:
    from pathlib import Path

    from service.runtime import Runtime

pytestmark = pytest.mark.needs("sfeed")

PAGES = "https://gazette.example/articles/2026/11/"


@pytest.mark.parametrize(
    ("kind", "teaser"),
    [(Format.ATOM, ("plain", TEASER.summary)), (Format.RSS, ("html", "Less &amp; &lt;more&gt;"))],
)
def test_shows_what_was_written(tmp_path: Path, kind: Format, teaser: tuple[str, str]) -> None:
    items = sfeed(write(GAZETTE, kind), tmp_path)
    assert [(it.id, it.title, it.link, it.published) for it in items] == HEADLINES
    assert [(it.content_type, it.content) for it in items] == [
        ("html", TIDES.content),
        ("html", REPUBLISHED.content),
        teaser,
    ]
    assert [it.author for it in items] == ["Ada Marsh", "Cleo Duarte", "Ada Marsh"]
    assert [it.enclosure for it in items] == [TIDES.media[0].url, "", ""]


@pytest.mark.parametrize(
    ("kind", "categories"),
    [
        (Format.ATOM, ("energy", "north-shore")),
        (Format.RSS, ("Energy & light", "North Shore")),
    ],
)
def test_shows_the_terms_of_atom_and_the_labels_of_rss(
    tmp_path: Path, kind: Format, categories: tuple[str, ...]
) -> None:
    items = sfeed(write(GAZETTE, kind), tmp_path)
    assert [it.categories for it in items] == [categories, (), ()]


@pytest.mark.parametrize(
    ("path", "newest"),
    [
        (
            "/feeds/all.atom",
            [
                (
                    "tides-and-turbines",
                    'Tides & "turbines": <power> at sea',
                    "Harbour Gazette Trust",
                ),
                ("the-lantern-on-lighthouses", "The Lantern on lighthouses", "Cleo Duarte"),
                ("unclear-terms", "Unclear terms", "Ada Marsh"),
            ],
        ),
        (
            "/feeds/author/ada-marsh.rss",
            [
                (
                    "tides-and-turbines",
                    'Tides & "turbines": <power> at sea',
                    "Harbour Gazette Trust",
                ),
                ("unclear-terms", "Unclear terms", "Ada Marsh"),
                ("maqal", "مقال عن الماء", "Ada Marsh"),
            ],
        ),
    ],
)
def test_reads_what_the_application_serves(
    runtime: Runtime, tmp_path: Path, path: str, newest: list[tuple[str, str, str]]
) -> None:
    with served(create_app(Current(runtime))) as address, urlopen(address + path) as answer:
        items = sfeed(answer.read(), tmp_path)
    assert [(it.link.removeprefix(PAGES), it.title, it.author) for it in items[:3]] == newest
