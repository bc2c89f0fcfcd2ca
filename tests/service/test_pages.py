"""Lists, indexes, the feed directory and the terms; announced feeds; headers; hostile text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import links
from feeds.model import Format
from service.config import Taxonomy
from service.model import Author, AuthorKind, Category
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.pages import FULL, SITE, headlines, page, texts

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.runtime import Runtime


def test_the_front_page_has_the_newest_first(client: FlaskClient) -> None:
    root = page(client, "/")
    assert headlines(root)[:2] == [
        'Tides & "turbines": <power> at sea',
        "The Lantern on lighthouses",
    ]
    assert len(headlines(root)) == 5
    assert root.xpath('//link[@rel="canonical"]/@href') == [f"{SITE}/"]
    counts = texts(root, '//ul[@class="tally"]/li')
    assert "Tide Lines 1 1 article" in counts


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


def test_a_list_does_not_repeat_what_it_is_about(client: FlaskClient) -> None:
    kickers = texts(page(client, "/theme/energy"), '//article/p[@class="kicker"]')
    assert kickers == ["Water", "North Shore"]


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
    shown = set(root.xpath('//a[@class="pill"]/@href'))
    for name in (
        "all",
        "theme/water",
        "region/islands",
        "report/tide-lines",
        "author/ben-okoro",
        "source/lantern",
    ):
        assert {f"{SITE}/feeds/{name}.{kind.value}" for kind in Format} <= shown
        assert f"/subscribe/{name}" in root.xpath('//a[@class="pill first"]/@href')
    for link in root.xpath('//a[@class="pill"]'):
        assert client.get(link.get("href").removeprefix(SITE)).content_type.startswith(
            link.get("type")
        )
    assert root.xpath('//*[@id="json"]')


def test_our_json_is_explained(client: FlaskClient) -> None:
    """JF-05: the page that every such object names tells what each of its members means."""
    feed = client.get("/feeds/all.json").get_json(force=True)
    ours = [it["_feedwright"] for it in (feed, *feed["items"])]
    assert {it["about"] for it in ours} == {f"{SITE}/feeds#json"}
    explained = texts(page(client, "/feeds"), '//section[@aria-labelledby="json"]//code')
    assert {name for it in ours for name in it} - {"about"} <= set(explained)


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
        FULL: ["report/tide-lines.atom", "author/harbour-gazette-trust.atom", "all.atom"],
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
        assert {
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "script-src 'self'",
        } <= set(policy)
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


def test_the_icon_is_found_under_the_name_that_readers_ask_for(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", headers={"Host": "elsewhere.example"})
    (icon,) = page(client, "/").xpath('//link[@rel="icon"]/@href')
    assert answer.status_code == 301
    assert answer.headers["Location"] == icon
    with client.get(icon) as picture:
        assert picture.content_type.startswith("image/svg+xml")


def test_hostile_text_stays_text(client: FlaskClient, runtime: Runtime) -> None:
    """T11: nothing of what people write becomes markup, in whatever place it is shown."""
    evil = "\"'></title></h1><script>alert(1)</script>{{ 7*7 }}&lt;b&gt;"
    author = Author(name=evil, kind=AuthorKind.PERSON, uri='https://evil.example/"><script>')
    category = Category(scheme="theme", slug="evil", label=evil, description=evil)
    hostile = newsroom.article(
        0,
        title=evil,
        slug="evil",
        summary=evil,
        rights=evil,
        authors=(author,),
        categories=(category,),
        discussion_url='https://evil.example/"><script>',
    )
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [hostile], now=newsroom.NOW)
    path = f"/articles/{saved.path}"
    (own,) = page(client, path).xpath('//p[@class="byline"]/a/@href')
    for address in (path, "/", "/theme/", "/theme/evil", "/author/", own, "/feeds"):
        root = page(client, address)
        assert not root.xpath("//script[not(@src or @type='application/ld+json')]")
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
    client = create_app(Current(bare)).test_client()
    assert "Nothing has been published yet." in client.get("/").text
    assert client.get("/theme/energy").status_code == 200
    assert client.get("/feeds").status_code == 200


def test_no_heading_stands_over_nothing(runtime: Runtime) -> None:
    moods = Taxonomy(title="Mood", plural="Moods")
    taxonomies = {**runtime.config.taxonomies, "mood": moods}
    config = runtime.config.model_copy(update={"taxonomies": taxonomies})
    client = create_app(Current(replace(runtime, config=config))).test_client()
    headings = texts(page(client, "/"), "//aside//h2")
    assert headings == ["Follow", "Themes", "Regions", "In-depth reports"]
