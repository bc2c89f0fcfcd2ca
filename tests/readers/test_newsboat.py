"""newsboat, tried as Debian releases it (2.21).

It joins the authors of an Atom entry with commas and shows of several dc:creator the last; those of
atom:source never show. It keeps the first enclosure and no category, dates an entry by its first publication
and knows it again by its id, so a correction replaces it. It stores validators from the second answer on.
A 200 whose Last-Modified is not newer than the stored one it takes for a 304, yet stores the new ETag
(libcurl's time condition): Last-Modified must move with every change of a feed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feeds.model import Format
from feeds.writing import write
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.fakes import Reply, Upstream, conditional
from tests.readers.driving import Newsboat, served
from tests.readers.gazette import GAZETTE, HEADLINES, NOW, REPUBLISHED, TIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Response

    from feeds.model import Feed
    from service.runtime import Runtime
    from tests.fakes import ManualClock, Request

pytestmark = pytest.mark.needs("newsboat")

LATER = NOW + timedelta(seconds=1)
PAGES = "https://gazette.example/articles/2026/11/"
CORRECTION = replace(TIDES, title="Tides, corrected", content="<p>New</p>", updated=LATER)
CORRECTED = replace(GAZETTE, entries=(CORRECTION, *GAZETTE.entries[1:]), updated=LATER)

in_both_formats = pytest.mark.parametrize("kind", [Format.ATOM, Format.RSS])


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def subscribe(upstream: Upstream, tmp_path: Path) -> Callable[..., Newsboat]:
    """Subscribe to an address that gives these answers, the last one for ever."""
    return lambda *answers: Newsboat(tmp_path / "home", upstream.script("/feed", *answers))


def answer(feed: Feed, kind: Format, modified: datetime = NOW) -> Callable[[Request], Reply]:
    headers = {"Content-Type": kind.media_type, "Last-Modified": format_datetime(modified, True)}
    return conditional(Reply(headers=headers, body=write(feed, kind)))


@in_both_formats
def test_keeps_what_was_written(subscribe: Callable[..., Newsboat], kind: Format) -> None:
    newsboat = subscribe(answer(GAZETTE, kind))
    items = newsboat.reload()
    assert [(it.id, it.title, it.link, it.published) for it in items] == HEADLINES
    assert [it.content for it in items] == [
        TIDES.content,
        REPUBLISHED.content,
        "Less &amp; &lt;more&gt;",
    ]
    assert [it.enclosure for it in items] == [TIDES.media[0].url, "", ""]
    assert newsboat.unread() == "3 unread articles"
    assert newsboat.feed()["title"] == GAZETTE.title
    assert newsboat.feed()["url"] == GAZETTE.link


@pytest.mark.parametrize(
    ("kind", "bylines"),
    [
        (
            Format.ATOM,
            ["Ada Marsh, Zoë Oké, Harbour Trust & Sons", "Cleo Duarte, The Lantern", "Ada Marsh"],
        ),
        (Format.RSS, ["Harbour Trust & Sons", "The Lantern", "Ada Marsh"]),
    ],
)
def test_shows_every_author_of_atom_and_the_last_of_rss(
    subscribe: Callable[..., Newsboat], kind: Format, bylines: list[str]
) -> None:
    assert [it.author for it in subscribe(answer(GAZETTE, kind)).reload()] == bylines


@in_both_formats
@pytest.mark.parametrize(("language", "is_rtl"), [("en", 0), ("ar", 1)])
def test_sees_by_the_language_which_way_a_feed_is_read(
    subscribe: Callable[..., Newsboat], kind: Format, language: str, is_rtl: int
) -> None:
    newsboat = subscribe(answer(replace(GAZETTE, language=language), kind))
    newsboat.reload()
    assert newsboat.feed()["is_rtl"] == is_rtl


@in_both_formats
def test_takes_a_304_for_what_it_holds(
    subscribe: Callable[..., Newsboat], upstream: Upstream, kind: Format
) -> None:
    answered = answer(GAZETTE, kind)
    newsboat = subscribe(answered)
    first = newsboat.reload()
    assert newsboat.reload() == newsboat.reload() == first
    assert [answered(asked).status for asked in upstream.journal] == [200, 200, 304]


@in_both_formats
def test_a_correction_replaces_what_it_corrects(
    subscribe: Callable[..., Newsboat], kind: Format
) -> None:
    first = answer(GAZETTE, kind)
    newsboat = subscribe(first, first, answer(CORRECTED, kind, LATER))
    newsboat.reload()
    old = newsboat.reload()
    corrected = replace(old[0], title="Tides, corrected", content="<p>New</p>")
    assert newsboat.reload() == [corrected, *old[1:]]


@in_both_formats
def test_a_change_under_the_same_last_modified_is_lost(
    subscribe: Callable[..., Newsboat], kind: Format
) -> None:
    first = answer(GAZETTE, kind)
    newsboat = subscribe(first, first, answer(CORRECTED, kind), answer(CORRECTED, kind, LATER))
    newsboat.reload()
    old = newsboat.reload()
    assert newsboat.reload() == newsboat.reload() == old


@pytest.mark.parametrize(
    ("path", "newest"),
    [
        (
            "/feeds/all.atom",
            [
                (
                    "tides-and-turbines",
                    'Tides & "turbines": <power> at sea',
                    "Harbour Gazette Trust, Ada Marsh, Ben Okoro",
                ),
                ("the-lantern-on-lighthouses", "The Lantern on lighthouses", "Cleo Duarte"),
                ("unclear-terms", "Unclear terms", "Ada Marsh"),
            ],
        ),
        (
            "/feeds/author/ada-marsh.rss",
            [
                ("tides-and-turbines", 'Tides & "turbines": <power> at sea', "Ben Okoro"),
                ("unclear-terms", "Unclear terms", "Ada Marsh"),
                ("maqal", "مقال عن الماء", "Ada Marsh"),
            ],
        ),
    ],
)
def test_subscribes_to_the_application(
    runtime: Runtime, tmp_path: Path, path: str, newest: list[tuple[str, str, str]]
) -> None:
    with served(create_app(Current(runtime))) as address:
        items = Newsboat(tmp_path / "home", address + path).reload()
    assert [(it.link.removeprefix(PAGES), it.title, it.author) for it in items[:3]] == newest


def test_learns_from_the_application_what_changed(
    runtime: Runtime, clock: ManualClock, tmp_path: Path
) -> None:
    application, statuses = create_app(Current(runtime)), list[int]()

    @application.after_request
    def note(response: Response) -> Response:
        statuses.append(response.status_code)
        return response

    with served(application) as address:
        newsboat = Newsboat(tmp_path / "home", address + "/feeds/all.atom")
        first = newsboat.reload()
        assert newsboat.reload() == newsboat.reload() == first
        clock.advance(1)
        with runtime.store.writing() as tx:
            now = clock.now()
            articles.save(tx, [replace(newsroom.everything(), title="New", updated=now)], now=now)
        assert newsboat.reload() == [replace(first[0], title="New"), *first[1:]]
    assert statuses == [200, 200, 304, 200]
