"""Authors and categories get other addresses, are withdrawn and merged: ids stay, old addresses lead on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from service import config as configuration
from service import naming, publish
from service import runtime as running
from service.cli import main
from service.errors import ConfigError, NotFound, Refused
from service.model import Author, Category
from service.store import articles, categories, people
from tests import newsroom
from tests.newsroom import ADA, BEN, NOW, PARTNER

TIDES = Category(scheme="theme", slug="tides", label="Tides")
PLACES = (  # with the slug in them
    "/feeds/{}.atom",
    "/feeds/{}.json",
    "/{}",
    "/subscribe/{}",
    "/subscribe/{}.opml",
    "/feeds/{}/source/lantern.rss",
    "/subscribe/{}/not/source/lantern",
)


def feed(client, address: str) -> Any:
    answer = client.get(f"/feeds/{address}.json")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def titles(client, address: str) -> set[str]:
    return {it["title"] for it in feed(client, address)["items"]}


def save(runtime, number: int, **parts: object) -> None:
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(number, **parts)], now=NOW)


@pytest.fixture
def tides(runtime):
    """A category that config.toml does not declare, with two articles."""
    save(runtime, 40, categories=(TIDES, newsroom.ISLANDS))
    save(runtime, 41, categories=(TIDES,))


def leads_on(client, old: str, new: str) -> None:
    """Every address with the one redirects to that with the other."""
    for place in PLACES:
        answer = client.get(place.format(old))
        assert answer.status_code == 301, place
        assert answer.location == "https://gazette.example" + place.format(new)
        assert client.get(place.format(new)).status_code == 200


def test_every_old_address_of_an_author_leads_to_the_new_one(runtime, client):
    assert {client.get(it.format("author/ada-marsh")).status_code for it in PLACES} == {200}
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    naming.move_author(runtime, "ada-okoro", "a-okoro")
    for old in ("ada-marsh", "ada-okoro"):
        leads_on(client, f"author/{old}", "author/a-okoro")


def test_a_moved_author_keeps_all_ids(runtime, client):
    """ID-01, ID-02, HTTP-17."""
    before = feed(client, "author/ada-marsh")
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    after = feed(client, "author/ada-okoro")
    assert [it["id"] for it in after["items"]] == [it["id"] for it in before["items"]]
    assert "author/ada-okoro" in after["feed_url"]
    named = {who["name"]: who["url"] for it in after["items"] for who in it["authors"]}
    assert named["Ada Marsh"] == "https://gazette.example/author/ada-okoro"


def test_the_id_of_a_moved_feed_stays(runtime, client):
    def feed_id(address: str) -> str:
        text: str = client.get(f"/feeds/{address}.atom").text
        return text.partition("<id>")[2].partition("</id>")[0]

    before = feed_id("region/islands/author/ada-marsh")
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    assert feed_id("region/islands/author/ada-okoro") == before


def test_an_author_moves_back(runtime, client):
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    naming.move_author(runtime, "ada-marsh", "ada-marsh")
    assert client.get("/author/ada-marsh").status_code == 200
    assert client.get("/author/ada-okoro").location.endswith("/author/ada-marsh")


def test_what_comes_in_later_is_still_theirs(runtime, client):
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    save(runtime, 42)
    assert "Article number 42" in titles(client, "author/ada-okoro")


@pytest.mark.parametrize(
    ("slug", "why"),
    [
        ("ben-okoro", "taken by 'Ben Okoro'"),
        ("benjamin", "former address of another"),
        ("search", "means something else"),
        ("Ada Marsh", "cannot stand in an address"),
    ],
)
def test_an_address_that_is_not_to_be_had_is_refused(runtime, slug, why):
    naming.move_author(runtime, "ben-okoro", "benjamin")
    naming.move_author(runtime, "benjamin", "ben-okoro")
    with pytest.raises(Refused, match=why):
        naming.move_author(runtime, "ada-marsh", slug)


def test_nobody_new_gets_a_former_address(runtime, client):
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    save(runtime, 42, authors=(Author(name="Ada  Marsh", source="lantern"),))
    assert client.get("/author/ada-marsh").location.endswith("/author/ada-okoro")


def test_every_old_address_of_a_category_leads_to_the_new_one(runtime, client, tides):
    naming.move_category(runtime, "theme", "tides", "currents")
    leads_on(client, "theme/tides", "theme/currents")


def test_either_name_in_one_address_means_the_same_once(runtime, client, tides):
    naming.move_category(runtime, "theme", "tides", "currents")
    answer = client.get("/feeds/theme/currents,energy,tides.atom")
    assert answer.location == "https://gazette.example/feeds/theme/currents,energy.atom"


def test_what_is_filed_under_the_former_slug_is_filed_there(runtime, client, tides):
    naming.move_category(runtime, "theme", "tides", "currents")
    save(runtime, 42, categories=(TIDES,))
    assert titles(client, "theme/currents") >= {"Article number 41", "Article number 42"}


def test_a_selection_of_config_toml_may_name_it_as_before(runtime):
    text = '\n[selections.hers]\ntitle = "Hers"\npath = "author/ada-marsh"\n'
    changed(runtime, lambda it: it + text)
    runtime = reopened(runtime)
    before = titles_of(runtime, "named/hers")
    naming.move_author(runtime, "ada-marsh", "ada-okoro")
    assert before
    assert titles_of(runtime, "named/hers") == before


def titles_of(runtime, address: str) -> set[str]:
    selection = publish.parse(runtime.config, address)
    with runtime.store.reading() as tx:
        return {it.title for it in articles.select(tx, selection, limit=100)}


def changed(runtime, edit) -> None:
    file = runtime.config.file
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")


def reopened(runtime):
    config = configuration.load(runtime.config.file)
    running.adopt(runtime.store, config, runtime.clock)
    return replace(runtime, config=config)


def test_a_declared_category_moves_in_the_file(runtime):
    with pytest.raises(Refused, match="formerly"):
        naming.move_category(runtime, "theme", "energy", "power")
    with runtime.store.reading() as tx:
        before = categories.at(tx, "theme", "energy")
    table = "[taxonomies.theme.terms.energy]"
    changed(
        runtime,
        lambda it: it.replace(
            table, '[taxonomies.theme.terms.power]\nformerly = ["energy", "fuel"]'
        ),
    )
    runtime = reopened(runtime)
    with runtime.store.reading() as tx:
        for slug in ("power", "energy", "fuel"):
            found = categories.at(tx, "theme", slug)
            assert (found.id, found.slug) == (before.id, "power")
        assert [it.item.slug for it in categories.listed(tx, "theme")].count("energy") == 0


def test_a_former_slug_that_is_in_use_is_told(runtime):
    table = "[taxonomies.theme.terms.energy]"
    changed(runtime, lambda it: it.replace(table, f'{table}\nformerly = ["energy"]'))
    with pytest.raises(ConfigError, match="a category of its own"):
        configuration.load(runtime.config.file)


def test_a_withdrawn_author_is_gone_everywhere(runtime, client):
    naming.withdraw_author(runtime, "ada-marsh", "At her own request.")
    for place in (*PLACES, "/feeds/{},ben-okoro.atom", "/feeds/theme/energy/{}.atom"):
        answer = client.get(place.format("author/ada-marsh"), headers={"Accept": "text/html"})
        assert answer.status_code == 410, place
        assert "was withdrawn on 22 November 2026: At her own request." in answer.text


def test_articles_of_a_withdrawn_author_stay_without_a_link(runtime, client):
    naming.withdraw_author(runtime, "ada-marsh", "At her own request.")
    page = client.get("/articles/2026/11/tides-and-turbines").text
    assert "Ada Marsh" in page
    assert "/author/ada-marsh" not in page
    for item in feed(client, "all")["items"]:
        assert all("ada-marsh" not in it.get("url", "") for it in item["authors"])
    for listing in ("/author/", "/feeds", "/feeds.opml", "/sitemaps/authors-1.xml"):
        assert "ada-marsh" not in client.get(listing).text


def test_a_withdrawn_category_is_shown_nowhere(runtime, client):
    naming.withdraw_category(runtime, "theme", "energy", "Split into wind and sun.")
    answer = client.get("/feeds/theme/energy.atom", headers={"Accept": "application/json"})
    assert (answer.status_code, "Split into wind and sun." in answer.json["detail"]) == (410, True)
    for path in ("/", "/articles/2026/11/tides-and-turbines", "/feeds", "/feeds/all.atom"):
        assert "theme/energy" not in client.get(path).text
    naming.restore_category(runtime, "theme", "energy")
    assert client.get("/feeds/theme/energy.atom").status_code == 200


def test_settings_adopted_again_leave_it_withdrawn(runtime, client):
    naming.withdraw_category(runtime, "theme", "energy", "Split into wind and sun.")
    reopened(runtime)
    assert client.get("/theme/energy").status_code == 410


def test_a_withdrawn_author_comes_back(runtime, client):
    before = feed(client, "author/ada-marsh")
    naming.withdraw_author(runtime, "ada-marsh", "At her own request.")
    with pytest.raises(Refused, match="already"):
        naming.withdraw_author(runtime, "ada-marsh", "Again.")
    naming.restore_author(runtime, "ada-marsh")
    assert feed(client, "author/ada-marsh") == before
    with pytest.raises(Refused, match="not withdrawn"):
        naming.restore_author(runtime, "ada-marsh")
    with pytest.raises(Refused, match="reason"):
        naming.withdraw_author(runtime, "ada-marsh", " ")


@pytest.fixture
def cleo(runtime):
    """A partner's author, and one of our own of the same name."""
    save(runtime, 43, authors=(Author(name="Cleo Duarte"),))
    with runtime.store.reading() as tx:
        ours, theirs = (
            next(it.item for it in people.listed(tx) if (it.item.name, it.item.source) == who)
            for who in ((PARTNER.name, None), (PARTNER.name, "lantern"))
        )
    return ours.slug, theirs.slug


def test_two_authors_become_one_and_two_again(runtime, client, cleo):
    ours, theirs = cleo
    before = titles(client, f"author/{ours}"), titles(client, f"author/{theirs}")
    assert before == ({"Article number 43"}, {"The Lantern on lighthouses"})

    naming.merge_authors(runtime, theirs, ours)
    assert titles(client, f"author/{ours}") == before[0] | before[1]
    assert client.get(f"/feeds/author/{theirs}.rss").location.endswith(f"/author/{ours}.rss")
    assert f'/author/{theirs}"' not in client.get("/author/").text
    save(runtime, 44, authors=(PARTNER,), source="lantern")
    assert "Article number 44" in titles(client, f"author/{ours}")

    assert naming.split_author(runtime, theirs).slug == theirs
    assert titles(client, f"author/{ours}") == before[0]
    assert titles(client, f"author/{theirs}") == before[1] | {"Article number 44"}


def test_what_was_merged_into_a_merged_one_follows_it_back(runtime, client, cleo):
    ours, theirs = cleo
    naming.merge_authors(runtime, "ben-okoro", theirs)
    naming.merge_authors(runtime, theirs, ours)
    everything = titles(client, f"author/{ours}")
    found = naming.author(runtime, "ben-okoro")
    assert (found.author.slug, [it.slug for it in found.aliases]) == (ours, ["ben-okoro", theirs])

    naming.split_author(runtime, theirs)
    assert client.get("/author/ben-okoro").location.endswith(f"/author/{theirs}")
    assert titles(client, f"author/{theirs}") == everything - {"Article number 43"}


def test_an_article_by_both_stands_once(runtime, client):
    save(runtime, 45, authors=(ADA, BEN))
    naming.merge_authors(runtime, "ben-okoro", "ada-marsh")
    shown = [it["title"] for it in feed(client, "author/ada-marsh")["items"]]
    assert shown.count("Article number 45") == 1
    naming.split_author(runtime, "ben-okoro")
    assert "Article number 45" in titles(client, "author/ben-okoro")
    assert "Article number 45" in titles(client, "author/ada-marsh")


def test_archives_hold_what_was_merged(runtime, client):
    for numbers in (range(50, 80), range(80, 110)):
        drafts = [newsroom.article(it, authors=(BEN,)) for it in numbers]
        with runtime.store.writing() as tx:
            articles.save(tx, drafts, now=NOW)
    naming.merge_authors(runtime, "ben-okoro", "ada-marsh")
    found, address = set(), "/feeds/author/ada-marsh.json"
    while address:
        shown = json.loads(client.get(address).data)
        found |= {it["title"] for it in shown["items"]}
        address = shown.get("next_url", "").removeprefix("https://gazette.example")
    assert found >= {f"Article number {number}" for number in range(50, 110)}


def test_what_cannot_be_merged_or_split_is_refused(runtime):
    with pytest.raises(Refused, match="the same author"):
        naming.merge_authors(runtime, "ada-marsh", "ada-marsh")
    with pytest.raises(NotFound):
        naming.merge_authors(runtime, "ada-marsh", "nobody")
    with pytest.raises(Refused, match="merged into another"):
        naming.split_author(runtime, "ada-marsh")


def test_search_finds_the_new_name(runtime, client):
    def found(query: str) -> set[str]:
        return {it["title"] for it in feed_of_search(client, query)["items"]}

    assert found("marsh")
    naming.rename_author(runtime, "ada-marsh", "Ada Quillfeather")
    assert found("quillfeather") >= {"Article number 5"}
    assert "Article number 5" not in found("marsh")


def feed_of_search(client, query: str) -> Any:
    return json.loads(client.get(f"/feeds/search.json?q={query}").data)


def test_the_commands(runtime):
    def feedwright(*words: str) -> str:
        outcome = CliRunner().invoke(main, ["--config", str(runtime.config.file), *words])
        assert outcome.exit_code == 0, outcome.output
        return outcome.stdout

    assert "author/ada-okoro now" in feedwright("author", "move", "ada-marsh", "ada-okoro")
    assert "undoes it" in feedwright("author", "merge", "ben-okoro", "ada-okoro")
    feedwright("author", "withdraw", "ada-okoro", "--reason", "At her own request.")
    shown = feedwright("author", "show", "ada-marsh")
    for part in ("ada-okoro  Ada Marsh", "formerly  ada-marsh", "ben-okoro", "At her own request."):
        assert part in shown
    feedwright("author", "restore", "ada-okoro")
    feedwright("author", "split", "ben-okoro")
    save(runtime, 40, categories=(TIDES,))
    feedwright("category", "move", "theme/tides", "currents")
    feedwright("category", "withdraw", "theme/currents", "--reason", "Part of the sea now.")
    assert "there again" in feedwright("category", "restore", "theme/tides")
