"""Authors and categories get other names: every feed says so, addresses and ids stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from service import naming as desk
from service.cli import main
from service.errors import NotFound, Refused
from service.model import Author, Selection, Term
from service.store import articles, people
from tests import newsroom
from tests.newsroom import NOW


def feed(client, address: str) -> Any:
    return json.loads(client.get(f"/feeds/{address}.json").data)


def test_an_author_is_called_otherwise_everywhere(runtime, client, clock):
    before = feed(client, "author/ada-marsh")
    clock.advance(60)
    desk.rename_author(runtime, "ada-marsh", "Ada  Marsh-Okoro")
    after = feed(client, "author/ada-marsh")
    assert after["title"].startswith("Ada Marsh-Okoro · ")
    assert {it["authors"][0]["name"] for it in after["items"]} >= {"Ada Marsh-Okoro"}
    assert [it["id"] for it in after["items"]] == [it["id"] for it in before["items"]]
    assert "Ada Marsh-Okoro" in client.get("/author/ada-marsh").text


@pytest.mark.parametrize("name", ["Ada Marsh", "Ada Marsh-Okoro", "ada marsh-okoro"])
def test_what_comes_under_either_name_is_theirs(runtime, name):
    desk.rename_author(runtime, "ada-marsh", "Ada Marsh-Okoro")
    byline = (Author(slug="", name=name),)
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(40, authors=byline)], now=NOW)
    with runtime.store.reading() as tx:
        theirs = articles.select(tx, Selection((Term("author", ("ada-marsh",)),)), limit=100)
        assert "Article number 40" in {it.title for it in theirs}
        assert [it.item.slug for it in people.listed(tx)].count("ada-marsh") == 1


def test_an_author_gets_the_old_name_back(runtime):
    desk.rename_author(runtime, "ada-marsh", "Ada Marsh-Okoro")
    assert desk.rename_author(runtime, "ada-marsh", "Ada Marsh").name == "Ada Marsh"


def test_nobody_is_given_the_name_of_somebody_else(runtime):
    with runtime.store.reading() as tx:
        other = next(
            it.item
            for it in people.listed(tx)
            if it.item.slug != "ada-marsh" and not it.item.source
        )
    with pytest.raises(Refused, match="name of another author"):
        desk.rename_author(runtime, "ada-marsh", other.name)


@pytest.mark.parametrize(
    ("slug", "name", "error"), [("nobody", "Ada", NotFound), ("ada-marsh", " ", Refused)]
)
def test_what_makes_no_sense_is_refused(runtime, slug, name, error):
    with pytest.raises(error):
        desk.rename_author(runtime, slug, name)


def test_a_category_is_called_otherwise_everywhere(runtime, client, clock):
    with runtime.store.writing() as tx:
        new = newsroom.Category(scheme="theme", slug="tides", label="Tides")
        articles.save(tx, [newsroom.article(40, categories=(new,))], now=NOW)
    clock.advance(60)
    desk.relabel(runtime, "theme", "tides", "Tides and currents")
    assert feed(client, "theme/tides")["title"].startswith("Tides and currents · ")


def test_a_declared_category_is_renamed_in_the_file(runtime):
    with pytest.raises(Refused, match="there"):
        desk.relabel(runtime, "theme", "energy", "Power")
    with pytest.raises(NotFound):
        desk.relabel(runtime, "theme", "nothing", "Power")


def test_the_commands(runtime):
    def feedwright(*words: str):
        return CliRunner().invoke(main, ["--config", str(runtime.config.file), *words])

    assert (
        "is called Ada Okoro now" in feedwright("author", "rename", "ada-marsh", "Ada Okoro").stdout
    )
    outcome = feedwright("category", "relabel", "theme/energy", "Power")
    assert (outcome.exit_code, "change it there" in outcome.stderr) == (1, True)
