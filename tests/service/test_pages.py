"""The pages: every part of an article in its order, lists and their pages, announced feeds, hostile text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import html

from feeds import links
from feeds.model import Format
from service.model import Article, Author, AuthorKind, Category, Status
from service.store import articles
from service.web import create_app
from service.web.filters import direction
from tests import newsroom

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from service.config import Config
    from service.runtime import Runtime

SITE = "https://gazette.example"
FULL = "/articles/2026/11/tides-and-turbines"
PARTNERS = "/articles/2026/11/the-lantern-on-lighthouses"
UNCLEAR = "/articles/2026/11/unclear-terms"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def page(client: FlaskClient, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, path
    return html.document_fromstring(answer.text)


def texts(root: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(it.text_content().split()) for it in root.xpath(selector)]


def headlines(root: html.HtmlElement) -> list[str]:
    return texts(root, '//*[@class="headline"]')


def save(runtime: Runtime, *drafts: Article) -> list[str]:
    with runtime.store.writing() as tx:
        saved = articles.save(tx, drafts, now=runtime.clock.now())
    return [f"/articles/{it.path}" for it in saved]


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
        "Ada Marsh21 November 2026",  # so is the dot
        "Ada Marsh",  # whose picture it is
        "Long text.",
        "Listen",
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
        "/author/dora-lind",
        "/theme/energy",
        "/region/islands",
        "/report/tide-lines",
        "https://forum.example/tides",
        "https://gazette.example/members",
        "https://creativecommons.org/licenses/by/4.0/",
        "mailto:rights@gazette.example",
    ):
        assert path in hrefs


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


@pytest.mark.parametrize(
    ("language", "way"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("he", "rtl"), ("ur", "rtl"), ("az-Arab-IR", "rtl"),
     ("ks-Arab", "rtl"), ("en", "ltr"), ("ar-Latn", "ltr"), ("pt-BR", "ltr"), (None, "ltr")],
)  # fmt: skip
def test_which_way_a_language_runs(language: str | None, way: str) -> None:
    assert direction(language) == way


def test_dates_are_those_of_the_sites_time_zone(
    configure: Callable[..., Config], runtime: Runtime
) -> None:
    config = configure(("Europe/Lisbon", "Pacific/Auckland"))
    client = create_app(replace(runtime, config=config)).test_client()
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


def test_the_front_page_has_the_newest_first(client: FlaskClient) -> None:
    root = page(client, "/")
    assert headlines(root)[:2] == [
        'Tides & "turbines": <power> at sea',
        "The Lantern on lighthouses",
    ]
    assert len(headlines(root)) == 5
    assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}/"]
    counts = texts(root, '//ul[@class="tally"]/li')
    assert "Tide Lines 1 articles" in counts


def test_pages_lead_through_all_articles_once(client: FlaskClient) -> None:
    seen: list[str] = []
    path = "/"
    while path:
        root = page(client, path)
        seen += headlines(root)
        assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}{path}"]
        assert len(root.xpath('//a[@aria-current="page"]')) == 1
        path = next(iter(root.xpath('//a[@rel="next"]/@href')), "")
    assert len(seen) == len(set(seen)) == 13
    assert page(client, "/?page=2").xpath('//a[@rel="prev"]/@href') == ["/"]


def test_there_is_no_such_page(client: FlaskClient) -> None:
    for query in ("?page=0", "?page=4", "?page=x", "?page=", "?page=-1", "?page=1.5"):
        assert client.get(f"/{query}").status_code == 404
        assert client.get(f"/theme/energy{query}").status_code == 404


def test_the_first_page_has_one_canonical_address(client: FlaskClient) -> None:
    for path in (
        "/theme/energy",
        "/theme/energy?page=1",
        "/theme/energy?utm_source=x",
        "/theme/energy/",
    ):
        assert page(client, path).xpath('//link[@rel="canonical"]/@href') == [
            f"{SITE}/theme/energy"
        ]


def test_an_author_has_a_page(client: FlaskClient) -> None:
    root = page(client, "/author/ben-okoro")
    assert texts(root, "//h1") == ["Ben Okoro"]
    assert headlines(root) == ['Tides & "turbines": <power> at sea']
    assert "Ada writes about the sea." in page(client, "/author/ada-marsh").text_content()


def test_a_category_has_a_page(client: FlaskClient) -> None:
    root = page(client, "/report/tide-lines")
    assert texts(root, "//h1") == ["Tide Lines"]
    said = root.xpath("//main")[0].text_content()
    assert "A year on the coast." in said
    assert "nothing more will be filed here" in said


def test_a_partner_has_a_page(client: FlaskClient) -> None:
    root = page(client, "/source/lantern")
    assert texts(root, "//h1") == ["The Lantern"]
    assert headlines(root) == ["The Lantern on lighthouses"]
    assert "https://lantern.example/" in root.xpath("//main//a/@href")


def test_an_index_lists_and_counts(client: FlaskClient) -> None:
    indexes = ("/theme/", "/region/", "/report/", "/author/", "/source/")
    items = [it for path in indexes for it in page(client, path).xpath('//ul[@class="shelf"]/li')]
    assert len(items) == 11
    for item in items:
        (target,) = item.xpath("h2/a/@href")
        (count,) = re.findall(r"(\d+) article", item.text_content())
        assert count == texts(page(client, target), '//p[@class="count"]')[0].split()[0]


def test_the_directory_names_every_feed(client: FlaskClient) -> None:
    root = page(client, "/feeds")
    shown = set(texts(root, "//code"))
    for name in (
        "all",
        "theme/water",
        "region/islands",
        "report/tide-lines",
        "author/ben-okoro",
        "source/lantern",
    ):
        assert f"{SITE}/feeds/{name}.atom" in shown
    for link in root.xpath('//a[@class="pill"]'):
        assert client.get(link.get("href").removeprefix(SITE)).content_type.startswith(
            link.get("type")
        )
    assert root.xpath('//*[@id="json"]')


def test_the_terms_stand_in_plain_words(client: FlaskClient) -> None:
    root = page(client, "/terms")
    said = root.text_content()
    for part in (
        "The author alone answers",
        "Community sites may republish",
        "Share it, with credit.",
    ):
        assert part in said
    assert root.xpath('//*[@id="license-cc-by"]')


def test_pages_announce_their_feeds(client: FlaskClient) -> None:
    """DSC-01, DSC-02: exact types, distinct titles, the most specific first, in head and header alike."""
    everything = ["all.atom", "all.rss", "all.json"]
    table = {
        "/": everything,
        "/feeds": everything,
        "/theme/water": [f"theme/water.{it.value}" for it in Format] + ["all.atom"],
        "/author/ben-okoro": [f"author/ben-okoro.{it.value}" for it in Format] + ["all.atom"],
        FULL: ["theme/energy.atom", "author/harbour-gazette-trust.atom", "all.atom"],
    }
    for path, announced in table.items():
        answer = client.get(path)
        found = links.discover(answer.data, f"{SITE}{path}")
        assert [it.href for it in found] == [f"{SITE}/feeds/{name}" for name in announced]
        assert len({it.title for it in found}) == len(found)
        assert links.parse_header(answer.headers["Link"], SITE) == found


def test_a_page_is_conditional_and_compressed(client: FlaskClient) -> None:
    whole = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert whole.headers["Content-Encoding"] == "gzip"
    held = client.get(
        "/", headers={"Accept-Encoding": "gzip", "If-None-Match": whole.headers["ETag"]}
    )
    assert (held.status_code, held.data) == (304, b"")
    assert held.headers["Cache-Control"] == "public, max-age=60"


def test_every_page_is_guarded(client: FlaskClient) -> None:
    for path in ("/", FULL, "/theme/energy", "/author/", "/feeds", "/terms", "/nothing"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"} <= set(policy)
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in headers


def test_the_style_sheet_may_be_kept_for_ever(client: FlaskClient) -> None:
    (address,) = page(client, "/").xpath('//link[@rel="stylesheet"]/@href')
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{12}", address)
    with client.get(address) as answer:
        assert answer.content_type == "text/css; charset=utf-8"
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_hostile_text_stays_text(client: FlaskClient, runtime: Runtime) -> None:
    """T11: nothing of what people write becomes markup, in whatever place it is shown."""
    evil = "\"'></title></h1><script>alert(1)</script>{{ 7*7 }}&lt;b&gt;"
    author = Author(name=evil, kind=AuthorKind.PERSON, uri='https://evil.example/"><script>')
    category = Category(scheme="theme", slug="evil", label=evil, description=evil)
    (path,) = save(
        runtime,
        newsroom.article(
            0,
            title=evil,
            slug="evil",
            summary=evil,
            rights=evil,
            authors=(author,),
            categories=(category,),
            discussion_url='https://evil.example/"><script>',
        ),
    )
    (own,) = page(client, path).xpath('//p[@class="byline"]/a/@href')
    for address in (path, "/", "/theme/", "/theme/evil", "/author/", own, "/feeds"):
        root = page(client, address)
        assert not root.xpath("//script")
        assert evil in root.xpath("//main")[0].text_content()
        assert "49" not in root.xpath("//main")[0].text_content().replace("{{ 7*7 }}", "")


def test_the_hosts_name_is_never_believed(client: FlaskClient) -> None:
    """T18."""
    plain = client.get("/theme/")
    forged = client.get(
        "/theme/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert (forged.data, forged.headers["Link"]) == (plain.data, plain.headers["Link"])
    assert "Location" not in client.get("/theme", headers={"Host": "evil.example"}).headers


def test_an_empty_site_is_a_friendly_one(bare: Runtime) -> None:
    client = create_app(bare).test_client()
    assert "Nothing has been published yet." in client.get("/").text
    assert client.get("/theme/energy").status_code == 200
    assert client.get("/feeds").status_code == 200


def test_a_released_article_is_there(client: FlaskClient, runtime: Runtime) -> None:
    draft = newsroom.article(
        20, status=Status.SCHEDULED, published=newsroom.NOW + timedelta(hours=1)
    )
    (path,) = save(runtime, draft)
    assert client.get(path).status_code == 404
    with runtime.store.writing() as tx:
        articles.release_due(tx, newsroom.NOW + timedelta(hours=2))
    assert client.get(path).status_code == 200
