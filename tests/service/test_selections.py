"""Combined feeds and pages: what they hold and are called, their one address, and what they hang on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from feeds.opml import read_opml
from service import publish
from service.errors import NotFound
from service.runtime import Current
from service.selection import Selection, Term
from service.store import articles, categories, people
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.pages import headlines, page, texts

SITE = "https://gazette.example"
NAMED = """
[selections.grid]
title = "Power and water"
description = "What flows."
path = "theme/water,energy/not/author/cleo-duarte"

[selections.future]
title = "What is to come"
path = "theme/hydrogen/not/author/nobody-yet"

[content]
"""
NAMES = ["Power and water", "What is to come"]
COMBINED = {  # title and description
    "theme/energy/region/islands": ("Energy and Islands", "Articles in Energy and in Islands"),
    "theme/energy,water": ("Energy or Water", "Articles in Energy or Water"),
    "theme/energy,water/author/ada-marsh": (
        "Energy or Water, and Ada Marsh",
        "Articles in Energy or Water and by Ada Marsh",
    ),
    "theme/energy/not/author/ada-marsh": (
        "Energy, without Ada Marsh",
        "Articles in Energy, but not by Ada Marsh",
    ),
    "not/source/lantern,unclear": (
        "Everything, without The Lantern or Unclear Terms Weekly",
        "All articles, but not from The Lantern or Unclear Terms Weekly",
    ),
    "not/theme/energy/not/source/lantern": (
        "Everything, without Energy or The Lantern",
        "All articles, but not in Energy or from The Lantern",
    ),
}


@pytest.fixture
def config(configure):
    return configure(("[content]\n", NAMED.lstrip()))


@pytest.fixture
def client(runtime):
    return create_app(Current(runtime)).test_client()


def feed(client, address: str) -> Any:
    answer = client.get(f"/feeds/{address}.json")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def meets(article, term: Term) -> bool:
    known = {
        "author": {it.slug for it in article.authors},
        "source": {article.source},
    }
    slugs = known.get(term.field, {it.slug for it in article.categories if it.scheme == term.field})
    return slugs.isdisjoint(term.slugs) is term.negated


def test_a_combined_feed_holds_what_meets_every_term(runtime, client):
    with runtime.reading() as tx:
        everything = articles.select(tx, Selection(), limit=100)
    for address in COMBINED:
        terms = publish.parse(runtime.config, address).terms
        wanted = [it for it in everything if all(meets(it, term) for term in terms)]
        titles = [it.title for it in wanted if it.license != "closed"]
        assert [it["title"] for it in feed(client, address)["items"]] == titles[:10]


@pytest.mark.parametrize(("address", "told"), COMBINED.items())
def test_a_combination_says_what_it_is(client, address, told):
    title, description = told
    found = feed(client, address)
    assert found["title"] == f"{title} · The Harbour Gazette"
    assert found["description"] == description
    assert found["feed_url"] == f"{SITE}/feeds/{address}.json"
    assert found["home_page_url"] == f"{SITE}/{address}"
    shown = page(client, f"/{address}")
    assert texts(shown, "//h1") == [title]
    assert set(headlines(shown)) <= {it["title"] for it in feed(client, address)["items"]} | {
        "Article number 15"
    }


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("region/islands/theme/energy", "theme/energy/region/islands"),
        ("theme/water,energy", "theme/energy,water"),
        ("not/author/ada-marsh/theme/energy", "theme/energy/not/author/ada-marsh"),
    ],
)
def test_any_other_spelling_redirects(client, spelling, canonical):
    for kind in ("atom", "rss", "json"):
        answer = client.get(f"/feeds/{spelling}.{kind}?utm_source=x")
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"{SITE}/feeds/{canonical}.{kind}"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = client.get(f"/{spelling}")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{SITE}/{canonical}")


@pytest.mark.parametrize(
    "address",
    [
        "theme/nothing/region/islands",
        "theme/energy/not/author/nobody",
        "theme/energy,nothing",
        "named/nothing",
        "named/grid,future",
        "theme/energy/all",
        "not/theme",
        "theme/a,b,c,d,e/region/f,g,h,i",
    ],
)
def test_what_does_not_exist_is_not_found(client, address):
    assert client.get(f"/feeds/{address}.atom").status_code == 404
    assert client.get(f"/{address}").status_code == 404


def test_a_named_selection_has_a_title_and_an_id_of_its_own(runtime, client):
    found, same = (
        feed(client, "named/grid"),
        feed(client, "theme/energy,water/not/author/cleo-duarte"),
    )
    assert found["title"] == "Power and water · The Harbour Gazette"
    assert found["description"] == "What flows."
    assert found["feed_url"] == f"{SITE}/feeds/named/grid.json"
    assert found["items"] == same["items"]
    assert texts(page(client, "/named/grid"), "//h1") == ["Power and water"]
    with runtime.reading() as tx:
        keys = [about(runtime, tx, it).key for it in ("named/grid", "theme/energy")]
    assert keys[0] == "named/grid"


def about(runtime, tx, address: str) -> publish.Subject:
    return publish.subject(runtime.config, tx, publish.parse(runtime.config, address))


def test_named_selections_stand_on_every_list_of_feeds(client):
    """OPM-02: on the page of all feeds, in the OPML, in the sitemap, and on a page of their own."""
    root = page(client, "/feeds")
    assert texts(root, '//section[@aria-labelledby="shelf-named"]//h3/a') == NAMES
    assert texts(page(client, "/named/"), "//main//h2") == NAMES
    (group,) = [
        it for it in read_opml(client.get("/feeds.opml").data).outlines if it.text == "Selections"
    ]
    feeds = [f"{SITE}/feeds/named/{it}.atom" for it in ("grid", "future")]
    assert [it.xml_url for it in group.children] == feeds
    listed = client.get("/sitemaps/pages.xml").text
    assert f"<loc>{SITE}/named/grid</loc>" in listed
    assert "future" not in listed


def test_a_named_selection_may_wait_for_what_it_names(runtime, client):
    assert feed(client, "named/future")["items"] == []
    with runtime.reading() as tx:
        assert about(runtime, tx, "named/future").scopes == {"all", "named/future"}
    hydrogen = replace(newsroom.ENERGY, slug="hydrogen", label="Hydrogen")
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(40, categories=(hydrogen,))], now=NOW)
    (found,) = feed(client, "named/future")["items"]
    assert found["title"] == "Article number 40"


def test_what_a_selection_hangs_on_and_is_known_by(runtime):
    """By row ids, so that a renamed author or category changes neither."""
    with runtime.reading() as tx:
        energy, water, islands = (
            categories.at(tx, *it).id
            for it in (("theme", "energy"), ("theme", "water"), ("region", "islands"))
        )
        ada = people.at(tx, "ada-marsh").id
        both = ",".join(sorted([f"category:{energy}", f"category:{water}"]))
        for address, key, scopes in (
            ("all", "all", {"all"}),
            ("source/lantern", "source:lantern", {"source:lantern"}),
            ("author/ada-marsh", f"author:{ada}", {f"author:{ada}"}),
            ("theme/energy,water", both, set(both.split(","))),
            (
                "theme/energy,water/region/islands/not/author/ada-marsh",
                "/".join([*sorted([both, f"category:{islands}"]), f"not/author:{ada}"]),
                {f"category:{islands}"},
            ),
            ("not/author/ada-marsh", f"not/author:{ada}", {"all"}),
        ):
            found = about(runtime, tx, address)
            assert found.key == key
            assert found.scopes == frozenset(scopes)


def test_an_alias_leads_to_the_author(runtime, client):
    with runtime.store.writing() as tx:
        people.rename(tx, "ada-marsh", "Ada Marsh-Okoro", NOW)
    answer = client.get("/feeds/theme/energy/not/author/ada-marsh-okoro.rss")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{SITE}/feeds/theme/energy/not/author/ada-marsh.rss"
    answer = client.get("/author/ada-marsh-okoro")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{SITE}/author/ada-marsh")


def test_a_missing_name_is_told(runtime):
    with runtime.reading() as tx, pytest.raises(NotFound, match="there is no author 'nobody'"):
        about(runtime, tx, "theme/energy/author/nobody")


def test_a_search_is_a_feed_and_has_one_address(runtime, client):
    found = json.loads(client.get("/feeds/search.json?q=lighthouses").data)
    assert [it["title"] for it in found["items"]] == ["The Lantern on lighthouses"]
    assert found["title"] == "Search: lighthouses · The Harbour Gazette"
    assert found["feed_url"] == f"{SITE}/feeds/search.json?q=lighthouses"
    with runtime.reading() as tx:
        wanted = publish.parse(runtime.config, "search", "Lighthouses  -TIDES")
        assert publish.subject(runtime.config, tx, wanted).scopes == {"all"}
        assert wanted.query == "lighthouses -tides"
    answer = client.get("/feeds/search.atom?utm_source=x&q=Lighthouses++-TIDES")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{SITE}/feeds/search.atom?q=lighthouses+-tides"


@pytest.mark.parametrize("query", ["", "?q=", "?q=%3F", "?q=" + "a" * 300, "?q=%22%22"])
def test_a_search_for_nothing_finds_nothing(client, query):
    assert client.get(f"/feeds/search.atom{query}").status_code == 404


def test_searches_find_authors_accents_phrases_and_other_scripts(client):
    for query, titles in {
        "cleo+duarte": {"The Lantern on lighthouses"},
        "الماء": {"مقال عن الماء"},
        '"lantern+on"': {"The Lantern on lighthouses"},
        '"on+lantern"': set(),
        "turbines+-sea": set(),
    }.items():
        answer = client.get(f"/feeds/search.json?q={query}", follow_redirects=True)
        assert {it["title"] for it in json.loads(answer.data)["items"]} == titles, query


def test_what_is_written_in_a_language_has_feeds(runtime, client):
    assert feed(client, "language/ar")["title"] == "Arabic · The Harbour Gazette"
    english = {it["title"] for it in feed(client, "language/en")["items"]}
    assert english
    assert "مقال عن الماء" not in english
    assert client.get("/feeds/language/fr.atom").status_code == 404
    with runtime.reading() as tx:
        assert about(runtime, tx, "language/en").scopes == {"language:en", "language:"}
        assert about(runtime, tx, "language/ar").scopes == {"language:ar"}
