"""An article's page: every part in its order, terms, languages, dates, and when it is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.model import Media, MediaRole
from service import naming
from service import newsroom as desk
from service.addresses import OWN
from service.model import EditorsNote, Status
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.pages import FULL, page, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from service.config import Config
    from service.runtime import Runtime

PARTNERS = "/articles/2026/11/the-lantern-on-lighthouses"
UNCLEAR = "/articles/2026/11/unclear-terms"


def test_an_article_shows_all_its_parts_in_order(client: FlaskClient) -> None:
    root = page(client, FULL)
    said = " ".join(root.xpath("//main")[0].text_content().split())
    parts = [
        'Tides & "turbines": <power> at sea',
        "By Harbour Gazette Trust, Ada Marsh and Ben Okoro",
        "Translator: Dora Lind",
        "The Harbour Gazette, 22 November 2026",
        "Themes",
        "EnergyWater",  # the comma between them is the style sheet's
        "Regions",
        "North ShoreIslands",
        "In-depth report",
        "Tide Lines",
        "Editor’s note",
        "We publish this with thanks.",
        "Ada Marsh 21 November 2026",
        "Ada Marsh",  # whose picture it is
        "Listen",
        "Long text.",
        "Copyright (c) Ada Marsh and Ben Okoro, 2026",
        "Discuss this article",
        "Become a member",
        "Articles by Harbour Gazette Trust",
        "Articles by Ben Okoro",
        "Republishing",
        "The author alone answers for the content.",
        "CC BY 4.0",
        "Share it, with credit.",
        "rights@gazette.example",
    ]
    position = 0
    for part in parts:
        found = said.find(part, position)
        assert found >= 0, (part, said[position:])
        position = found + len(part)


def test_everybody_and_everything_is_linked(client: FlaskClient) -> None:
    root = page(client, FULL)
    hrefs = root.xpath("//main//a/@href")
    for path in (
        "/author/harbour-gazette-trust",
        "/author/ada-marsh",
        "/theme/energy",
        "/region/islands",
        "/report/tide-lines",
        "https://forum.example/tides",
        "https://gazette.example/members",
        "https://creativecommons.org/licenses/by/4.0/",
        "mailto:rights@gazette.example",
    ):
        assert path in hrefs
    assert "/author/dora-lind" not in hrefs  # who only translates has no articles to be led to


def test_links_to_own_pages_lead_to_where_the_site_is(
    client: FlaskClient, runtime: Runtime
) -> None:
    html = f'<p><a href="{OWN}theme/energy">ours</a> <a href="https://o.example/" lang="en">theirs</a></p>'
    ada = replace(newsroom.ADA, bio=html)
    linking = newsroom.article(
        20, content=html, authors=(ada,), editors_note=EditorsNote(html=html, author=ada)
    )
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [linking], now=newsroom.NOW)
    for path, times in ((f"/articles/{saved.path}", 2), ("/author/ada-marsh", 1)):
        links = page(client, path).xpath('//div[@class="prose"]//a')
        assert [(it.get("href"), it.get("rel")) for it in links] == times * [
            ("https://gazette.example/theme/energy", None),
            ("https://o.example/", "noopener nofollow external"),
        ]


def test_a_partners_article_names_its_source(client: FlaskClient) -> None:
    root = page(client, PARTNERS)
    (source,) = root.xpath('//dt[.="Source"]/following-sibling::dd/a')
    assert (source.text, source.get("href")) == ("The Lantern", "https://lantern.example/")
    (line,) = root.xpath('//p[@class="original"]')
    assert line.text_content() == "The original source of this article is The Lantern."
    assert line.xpath("a/@href") == ["https://lantern.example/lighthouses"]
    assert texts(root, '//p[@class="rights"]') == [
        "Copyright (c) The Lantern and Cleo Duarte, 2026"
    ]
    assert root.xpath('//link[@rel="canonical"]/@href') == ["https://lantern.example/lighthouses"]


def test_unknown_terms_show_a_summary_and_the_way_to_the_original(client: FlaskClient) -> None:
    """LIC-04."""
    root = page(client, UNCLEAR)
    said = root.xpath("//main")[0].text_content()
    assert "Summary 3." in said
    assert "Text of article 3." not in said
    assert "Read the whole article in Unclear Terms Weekly" in said
    assert "https://unclear.example/1" in root.xpath("//main//a/@href")


def test_our_own_article_is_read_here_whoever_may_republish_it(client: FlaskClient) -> None:
    said = page(client, "/articles/2026/11/article-15").text_content()
    assert "Text of article 15." in said
    assert "Nothing may be republished." in said


def test_another_language_is_marked(client: FlaskClient) -> None:
    root = page(client, "/articles/2026/11/maqal")
    (title,) = root.xpath("//h1")
    assert (title.get("lang"), title.get("dir")) == ("ar", "rtl")
    assert root.get("lang") == "en"
    (text,) = root.xpath('//article/div[@class="prose"]')
    assert (text.get("lang"), text.get("dir")) == ("ar", "rtl")


def test_dates_are_those_of_the_sites_time_zone(
    configure: Callable[..., Config], runtime: Runtime
) -> None:
    config = configure(("Europe/Lisbon", "Pacific/Auckland"))
    client = create_app(Current(replace(runtime, config=config))).test_client()
    (moment,) = page(client, FULL).xpath('//p[@class="dateline"]/time')
    assert moment.text == "23 November 2026"
    assert moment.get("datetime") == "2026-11-23T00:00:00+13:00"


def test_what_is_not_published_is_not_there(client: FlaskClient) -> None:
    for path in ("/articles/2026/11/article-13", "/articles/2026/11/article-14"):
        assert client.get(path).status_code == 404
    assert "Article number 13" not in client.get("/?page=3").text


def test_a_withdrawn_article_says_when_and_why(client: FlaskClient, runtime: Runtime) -> None:
    with runtime.store.writing() as tx:
        found = articles.at(tx, "2026/11/tides-and-turbines")
        assert found
        articles.retract(tx, found.id, reason="Two figures were <wrong>.", now=newsroom.NOW)
    root = page(client, FULL, 410)
    said = root.xpath("//main")[0].text_content()
    assert "withdrawn on 22 November 2026: Two figures were <wrong>." in " ".join(said.split())
    assert "turbines" not in said


def test_a_released_article_is_there(client: FlaskClient, runtime: Runtime) -> None:
    draft = newsroom.article(
        20, status=Status.SCHEDULED, published=newsroom.NOW + timedelta(hours=1)
    )
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [draft], now=newsroom.NOW)
    path = f"/articles/{saved.path}"
    assert client.get(path).status_code == 404
    with runtime.store.writing() as tx:
        articles.release_due(tx, newsroom.NOW + timedelta(hours=2))
    assert client.get(path).status_code == 200


def test_a_reader_can_follow_what_the_article_is_of(client: FlaskClient, runtime: Runtime) -> None:
    """From its end, its authors and categories; those that were withdrawn lead nowhere."""
    naming.withdraw_author(runtime, "ben-okoro", "At his own request.")
    links = page(client, FULL).xpath('//article/footer//ul[@aria-label="Follow"]//a')
    assert [it.get("href") for it in links] == [
        f"/subscribe/{it}"
        for it in (
            "author/harbour-gazette-trust", "author/ada-marsh",
            "theme/energy", "theme/water", "region/north-shore", "region/islands", "report/tide-lines",
        )
    ]  # fmt: skip
    for link in links:
        assert client.get(link.get("href")).status_code == 200


def test_recordings_stand_before_the_text_and_other_files_behind_it(
    client: FlaskClient, runtime: Runtime
) -> None:
    media = tuple(
        Media(f"https://gazette.example/{name}", role=MediaRole.ENCLOSURE, type=type_, length=9)
        for name, type_ in (("map.pdf", "application/pdf"), ("talk.mp3", "audio/mpeg"))
    )
    desk.write(runtime, newsroom.article(1, slug="heard", media=media))
    root = page(client, "/articles/2026/11/heard")
    (article,) = root.xpath("//article")
    told = [it.get("class") for it in article if it.get("class") in ("enclosures", "prose")]
    assert told == ["enclosures", "prose", "enclosures"]
    assert root.xpath('//*[@class="enclosures"]//audio/@src') == [
        "https://gazette.example/talk.mp3"
    ]
