"""Subscribe pages, the feed builder, sitemaps, and what search engines read of an article."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from lxml import etree

from feeds.model import Format
from feeds.opml import read_opml
from service.model import Selection
from service.selection import MOST_SLUGS
from service.store import articles, places, sources
from tests import newsroom
from tests.pages import FULL, SITE, headlines, page, texts

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.runtime import Runtime

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
SELECTIONS = {
    "all": "The Harbour Gazette",
    "theme/energy": "Energy",
    "author/ben-okoro": "Ben Okoro",
    "source/lantern": "The Lantern",
    "theme/energy,water/region/islands": "Energy or Water, and Islands",
    "theme/energy/not/author/ada-marsh": "Energy, without Ada Marsh",
}


def test_every_selection_has_a_page_to_subscribe_on(client: FlaskClient) -> None:
    """DSC-03: what it is, its addresses, its latest articles, readers, OPML."""
    for path, name in SELECTIONS.items():
        root = page(client, f"/subscribe/{path}")
        assert texts(root, "//h1") == [f"Subscribe to {name}"]
        feeds = [f"{SITE}/feeds/{path}.{kind.value}" for kind in Format]
        assert root.xpath("//input[@readonly]/@value") == feeds
        assert root.xpath('//link[@rel="alternate"]/@href')[:3] == feeds
        assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}/subscribe/{path}"]
        assert [feeds[0]] == read_xml_urls(client, f"/subscribe/{path}.opml")
        listed = headlines(page(client, "/" if path == "all" else f"/{path}"))
        assert headlines(root) == listed[:5]
        links = root.xpath("//main//a/@href")
        assert f"feed:{feeds[0]}" in links
        assert any(it.endswith(quote(feeds[0], safe="")) for it in links)


def read_xml_urls(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.content_type == "text/x-opml; charset=utf-8"
    return [it.xml_url for it in read_opml(answer.data).outlines]


def test_a_page_to_subscribe_on_has_one_address(client: FlaskClient) -> None:
    for asked, canonical in (
        ("theme/water,energy", "theme/energy,water"),
        ("region/islands/theme/energy", "theme/energy/region/islands"),
    ):
        for end in ("", ".opml"):
            answer = client.get(f"/subscribe/{asked}{end}")
            assert answer.status_code == 301
            assert answer.headers["Location"] == f"{SITE}/subscribe/{canonical}{end}"
    for asked, canonical in (
        ("all", "all"),
        ("theme/water,energy", "theme/energy,water"),
        ("search?q=Tides", "search?q=tides"),
    ):
        answer = client.get(f"/feeds/{asked}")  # which lacks its ending
        assert answer.headers["Location"] == f"{SITE}/subscribe/{canonical}"
    for missing in ("theme/nothing", "nothing", "theme", "author/nobody.opml", "named/nothing"):
        assert client.get(f"/subscribe/{missing}").status_code == 404


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("theme=energy", "theme/energy"),
        ("theme=water&theme=energy&region=islands", "theme/energy,water/region/islands"),
        ("theme=Energy,+water", "theme/energy,water"),
        ("theme=energy&not-author=Ada+Marsh", "theme/energy/not/author/ada-marsh"),
        ("not-region=islands&theme=&region=", "not/region/islands"),
        ("source=lantern&page=3&utm_source=x", "source/lantern"),
    ],
)
def test_the_builder_puts_a_feed_together(client: FlaskClient, query: str, path: str) -> None:
    root = page(client, f"/feeds?{query}")
    (built,) = root.xpath('//*[@id="built"]')
    assert built.xpath(".//input/@value") == [f"{SITE}/feeds/{path}.{it.value}" for it in Format]
    entries = client.get(f"/feeds/{path}.json").get_json(force=True)["items"]
    shown = page(client, f"/{path}")
    assert headlines(built) == headlines(shown)[:3]
    assert texts(shown, '//p[@class="count"]')[0] in built.text_content()
    assert bool(entries) == bool(headlines(built))
    assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}/feeds"]


def test_the_builder_keeps_what_was_ticked(client: FlaskClient) -> None:
    root = page(client, "/feeds?theme=energy&not-region=islands")
    ticked = root.xpath("//form//input[@checked]")
    assert [(it.get("name"), it.get("value")) for it in ticked] == [
        ("theme", "energy"),
        ("not-region", "islands"),
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nothing is chosen yet."),
        ("theme=&author=+,+", "Nothing is chosen yet."),
        ("author=Nobody+Known", "There is no author, category or partner of that name."),
        ("theme=" + ",".join("abcdefghi"), f"You have chosen 9. A feed can be about {MOST_SLUGS}"),
        ("theme=" + "x" * 3000, "There is no author, category or partner of that name."),
        ("theme=%00%ff%3Cscript%3E", "There is no author, category or partner of that name."),
    ],
)
def test_the_builder_says_what_is_wrong(client: FlaskClient, query: str, said: str) -> None:
    root = page(client, f"/feeds?{query}")
    (built,) = root.xpath('//*[@id="built"]')
    assert said in " ".join(built.text_content().split())
    assert not built.xpath(".//input")


def test_of_many_authors_the_names_are_typed(client: FlaskClient, runtime: Runtime) -> None:
    many = [
        newsroom.article(
            number, slug=f"by-{number}", authors=(newsroom.Author(name=f"Author No {number}"),)
        )
        for number in range(100, 145)
    ]
    with runtime.store.writing() as tx:
        articles.save(tx, many, now=newsroom.NOW)
    root = page(client, "/feeds?author=Author+No+144&not-author=ben-okoro")
    assert not root.xpath('//input[@type="checkbox"][@name="author"]')
    typed = root.xpath('//input[@name="author" or @name="not-author"]/@value')
    assert typed == ["author-no-144", "ben-okoro"]
    assert len(root.xpath('//datalist[@id="author-names"]/option')) == 49
    assert texts(root, '//*[@id="built"]/h3') == ["Author No 144, without Ben Okoro"]
    assert len(texts(root, '//section[@aria-labelledby="shelf-author"]//h3')) == 30
    assert "All 49" in root.text_content()


def test_sitemaps_name_every_page_of_ours(client: FlaskClient) -> None:
    index = etree.fromstring(client.get("/sitemap.xml").data)
    found: list[str] = []
    for part in index.iter(f"{MAP}loc"):
        answer = client.get(part.text.removeprefix(SITE))
        assert answer.content_type == "application/xml; charset=utf-8"
        root = etree.fromstring(answer.data)
        if not part.text.endswith("news.xml"):
            found += [it.text for it in root.iter(f"{MAP}loc")]
    assert len(found) == len(set(found))
    assert {f"{SITE}/", f"{SITE}/feeds", f"{SITE}/theme/energy", f"{SITE}/author/"} <= set(found)
    assert f"{SITE}{FULL}" in found
    assert f"{SITE}/articles/2026/11/the-lantern-on-lighthouses" not in found  # the partner's
    assert len([it for it in found if "/articles/" in it]) == 12
    for address in found:
        assert client.get(address.removeprefix(SITE)).status_code == 200
    for missing in (
        "articles-0",
        "articles-2",
        "articles-9999999999",
        "authors-0",
        "authors-2",
        "other",
    ):
        assert client.get(f"/sitemaps/{missing}.xml").status_code == 404


def test_large_sitemaps_have_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PART", 4)
    index = etree.fromstring(client.get("/sitemap.xml").data)
    everybody = [it.text for it in index.iter(f"{MAP}loc") if "authors-" in it.text]
    named = [etree.fromstring(client.get(it.removeprefix(SITE)).data) for it in everybody]
    assert sum(map(len, named)) == len(texts(page(client, "/author/"), "//main//h2"))
    assert len(everybody) == 2
    parts = [it.text for it in index.iter(f"{MAP}loc") if "articles-" in it.text]
    listed = [len(list(etree.fromstring(client.get(it.removeprefix(SITE)).data))) for it in parts]
    assert len(parts) == 4
    assert sum(listed) == 12
    assert max(listed) <= 4


def test_the_index_tells_when_a_part_last_changed(
    client: FlaskClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed() -> dict[str, str]:
        index = etree.fromstring(client.get("/sitemap.xml").data)
        told = {it[0].text.rpartition("/")[2]: it.findtext(f"{MAP}lastmod") for it in index}
        return {name: when for name, when in told.items() if when}

    newest, later = newsroom.NOW, newsroom.NOW + timedelta(minutes=1)
    first = changed()
    assert first.keys() == {"articles-1.xml", "authors-1.xml"}
    assert {datetime.fromisoformat(it) for it in first.values()} == {newest}
    monkeypatch.setattr(places, "PART", 4)  # of these parts nothing else is known
    with runtime.store.writing() as tx:
        (gone,) = articles.select(tx, Selection(), limit=1)
        articles.retract(tx, gone.id, reason="Wrong.", now=later)
    second = changed()
    assert datetime.fromisoformat(second[f"articles-{-(-gone.id // 4)}.xml"]) == later
    others = {it for name, it in second.items() if name.startswith("articles-")}
    assert others <= {second[f"articles-{-(-gone.id // 4)}.xml"], first["articles-1.xml"]}


def test_news_are_of_two_days(client: FlaskClient, runtime: Runtime) -> None:
    """PRT-05."""
    old = newsroom.article(49, slug="old")
    with runtime.store.writing() as tx:
        articles.save(tx, [old], now=newsroom.NOW)
    root = etree.fromstring(client.get("/sitemaps/news.xml").data)
    titles = [it.text for it in root.iter(f"{NEWS}title")]
    assert 'Tides & "turbines": <power> at sea' in titles
    assert old.title not in titles
    assert "The Lantern on lighthouses" not in titles
    names = {it.text for it in root.iter(f"{NEWS}name")}
    languages = {it.text for it in root.iter(f"{NEWS}language")}
    assert (names, languages) == ({"The Harbour Gazette"}, {"en", "ar"})


def test_search_engines_read_who_wrote_what(client: FlaskClient) -> None:
    """PRT-05."""
    (script,) = page(client, FULL).xpath('//script[@type="application/ld+json"]/text()')
    data = json.loads(script)
    assert data["@type"] == "NewsArticle"
    assert [(it["@type"], it["name"]) for it in data["author"]] == [
        ("Organization", "Harbour Gazette Trust"),
        ("Person", "Ada Marsh"),
        ("Person", "Ben Okoro"),
    ]
    assert data["headline"] == 'Tides & "turbines": <power> at sea'
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["image"] == ["https://gazette.example/media/tides.jpg"]
    assert data["publisher"]["name"] == "Harbour Gazette Trust"
    assert data["datePublished"] == "2026-11-22T11:00:00+00:00"
    partners = page(client, "/articles/2026/11/the-lantern-on-lighthouses")
    (script,) = partners.xpath('//script[@type="application/ld+json"]/text()')
    data = json.loads(script)
    assert data["mainEntityOfPage"] == "https://lantern.example/lighthouses"
    assert data["isBasedOn"][0]["url"] == "https://lantern.example/lighthouses"


def test_no_title_ends_the_script_it_stands_in(client: FlaskClient, runtime: Runtime) -> None:
    hostile = "</script><!--<script>alert(1)&\u2028\u2029\"'"
    with runtime.store.writing() as tx:
        (saved,) = articles.save(
            tx, [newsroom.article(0, title=hostile, summary=hostile)], now=newsroom.NOW
        )
    root = page(client, f"/articles/{saved.path}")
    (script,) = root.xpath("//script")
    assert json.loads(script.text)["description"] == json.loads(script.text)["headline"]
    assert "<" not in script.text


def test_older_articles_are_told_of_where_there_are_archives(
    client: FlaskClient, runtime: Runtime
) -> None:
    assert "Older articles" not in page(client, "/subscribe/all").text_content()
    many = [newsroom.article(number, slug=f"old-{number}") for number in range(100, 310)]
    with runtime.store.writing() as tx:
        articles.save(tx, many, now=newsroom.NOW)
    root = page(client, "/subscribe/all")
    (newest,) = root.xpath('//section[@aria-labelledby="archives"]//a/@href')
    assert client.get(newest.removeprefix(SITE)).status_code == 200
    assert "by themselves" in root.text_content()


def test_the_page_that_searches(client: FlaskClient) -> None:
    root = page(client, "/search")
    assert root.xpath('//form[@role="search"]//input/@name') == ["q"]
    assert not headlines(root)
    root = page(client, "/search?q=Turbines+tides")
    assert headlines(root) == ['Tides & "turbines": <power> at sea']
    assert root.xpath('//input[@name="q"]/@value') == ["Turbines tides"]
    canonical = f"{SITE}/search?q=tides+turbines"
    assert root.xpath('//link[@rel="canonical"]/@href') == [canonical]
    feeds = [f"{SITE}/feeds/search.{it.value}?q=tides+turbines" for it in Format]
    assert root.xpath('//link[@rel="alternate"]/@href')[:3] == feeds
    for feed in feeds:
        assert "Tides" in client.get(feed.removeprefix(SITE)).text
    subscribe = page(client, "/subscribe/search?q=tides+turbines")
    assert subscribe.xpath("//input[@readonly]/@value") == feeds
    assert read_xml_urls(client, "/subscribe/search.opml?q=tides+turbines") == feeds[:1]
    moved = client.get("/subscribe/search?q=Turbines+TIDES")
    assert moved.headers["Location"] == f"{SITE}/subscribe/search?q=tides+turbines"
    for query, told in (("zzz", "Nothing was found."), ("%22%22", "cannot be searched for"),
                        ("x" * 3000, "cannot be searched for"), ("%00<b>", "0 articles")):  # fmt: skip
        assert told in page(client, f"/search?q={query}").text_content()
    assert len(headlines(page(client, "/search?q=article&page=2"))) == 5
    assert client.get("/search?q=article&page=9").status_code == 404


def test_the_builder_takes_words_and_languages(client: FlaskClient) -> None:
    table = {
        "q=Turbines": f"{SITE}/feeds/search.atom?q=turbines",
        "language=ar&not-theme=energy": f"{SITE}/feeds/language/ar/not/theme/energy.atom",
    }
    for query, address in table.items():
        root = page(client, f"/feeds?{query}")
        assert root.xpath('//*[@id="built"]//input/@value')[0] in (
            address,
            address.replace("language/ar/not/theme/energy", "not/theme/energy/language/ar"),
        )
        assert len(root.xpath('//*[@id="built"]//*[@class="card"]')) == 1
    for query, told in (
        ("q=a&theme=energy", "words or by what is ticked"),
        ("q=%22", "cannot be searched for"),
    ):
        root = page(client, f"/feeds?{query}")
        assert told in root.xpath('//*[@id="built"]')[0].text_content()


def test_many_partners_make_no_page_slow(
    client: FlaskClient, runtime: Runtime, statements: list[str]
) -> None:
    page(client, "/feeds")
    before = len(statements)
    slugs = [f"partner-{number}" for number in range(101)]
    with runtime.store.writing() as tx:
        declared = [(it, f"Name of {it}", f"https://{it}.example/", False) for it in slugs]
        sources.declare(tx, declared, newsroom.NOW)
        many = [
            newsroom.article(number, slug=it, source=it, guid=f"https://{it}.example/1")
            for number, it in enumerate(slugs)
        ]
        articles.save(tx, many, now=newsroom.NOW)
    statements.clear()
    shelves = texts(page(client, "/feeds"), "//main")
    assert len(statements) == before
    assert "Name of partner-7" in shelves[0]
    first, second = (
        texts(page(client, path), '//ul[@class="shelf"]/li/h2')
        for path in ("/source/", "/source/?page=2")
    )
    assert len(first) == 100
    assert {f"Name of {it}" for it in slugs} < {*first, *second}


def test_a_long_index_has_pages(client: FlaskClient, runtime: Runtime) -> None:
    many = [
        newsroom.article(
            number, slug=f"by-{number}", authors=(newsroom.Author(name=f"Author No {number}"),)
        )
        for number in range(100, 201)
    ]
    with runtime.store.writing() as tx:
        articles.save(tx, many, now=newsroom.NOW)
    names = []
    path = "/author/"
    while path:
        root = page(client, path)
        assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}{path}"]
        names += texts(root, '//ul[@class="shelf"]/li/h2')
        path = next(iter(root.xpath('//a[@rel="next"]/@href')), "")
    assert len(names) == len(set(names)) == 105
    assert client.get("/author/?page=3").status_code == 404
