"""Changed rules applied to what came before: shown first, saved when it is agreed to."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import update

from feeds.model import Category, Person, Tombstone
from service import cli, newsroom, reviewing
from service.errors import NotFound
from service.model import Status, Verdict
from service.packing import packed
from service.reapplying import reapply
from service.store import entries
from service.store.schema import entries as table
from service.unmapped import unmapped_terms
from tests.newsroom import articles as own_articles
from tests.service.lantern import entry

MAPPED = """
terms = { Rivers = ["theme/water", "region/islands"] }
bylines = { cd = ["Cleo Duarte"] }
"""
ADS = 'exclude = [{ name = "ads", words = ["sponsored"] }]'


def rivers(number: int, **changed):
    given = {"categories": (Category("Rivers"),), "authors": (Person("cd"),)}
    return entry(number, **{**given, **changed})


def run(lantern, *words: str, code: int = 0, **options) -> str:
    command = ["--config", str(lantern.file), "source", *words]
    found = CliRunner().invoke(cli.main, command, **options)
    assert found.exit_code == code, found.output
    return found.stdout


def fates(lantern) -> int:
    return sum(len(lantern.fates(number)) for number in (1, 2))


@pytest.fixture
def two(lantern):
    """Stories 1 and 2 have come, by no rules."""
    lantern.says(rivers(1), rivers(2, title="Sponsored"))
    lantern.poll()
    return lantern


def test_what_would_change_is_shown_and_nothing_is_changed(two):
    two.rules(MAPPED)
    before = (two.published(), fates(two))
    found = reapply(two.runtime, "lantern", save=False)
    assert found.unread == 0
    first, second = found.differences
    assert (first.title, first.before, first.after) == ("Story 1", Verdict.IMPORTED, Verdict.EDITED)
    assert first.fields == {
        "authors": ("cd", "Cleo Duarte"),
        "categories": ("", "theme/water, region/islands"),
    }
    assert second.fields.keys() == first.fields.keys()
    assert (two.published(), fates(two)) == before


def test_what_is_saved_is_what_was_shown(two):
    two.rules(MAPPED)
    shown = reapply(two.runtime, "lantern", save=False).differences
    assert reapply(two.runtime, "lantern", save=True).differences == shown
    assert {it.authors[0].name for it in two.published()} == {"Cleo Duarte"}
    assert reapply(two.runtime, "lantern", save=True).differences == []
    assert [(it.verdict, it.reason) for it in two.fates(1)] == [
        (Verdict.IMPORTED, ""),
        (Verdict.EDITED, "by changed rules"),
    ]


def test_the_source_is_not_asked_and_its_next_poll_brings_nothing_new(two):
    two.rules(MAPPED)
    reapply(two.runtime, "lantern", save=True)
    outcome = two.says_and_is_polled(rivers(1), rivers(2, title="Sponsored"), rivers(3))
    assert (outcome.imported, outcome.edited, outcome.unchanged) == (1, 0, 2)


def test_what_a_rule_keeps_out_goes_and_comes_back(two):
    two.rules(ADS)
    (gone,) = reapply(two.runtime, "lantern", save=True).differences
    assert (gone.after, gone.reason) == (
        Verdict.EXCLUDED,
        "exclude rule “ads”: its title has “sponsored”",
    )
    assert gone.fields["status"] == ("published", "retracted")
    assert two.titles() == ["Story 1"]
    two.rules("")
    (back,) = reapply(two.runtime, "lantern", save=True).differences
    assert back.fields == {"status": ("retracted", "published")}
    assert two.titles() == ["Story 1", "Sponsored"]


def test_what_never_came_in_is_imported(lantern):
    lantern.rules(ADS)
    lantern.says(rivers(1, title="Sponsored"))
    lantern.poll()
    assert lantern.titles() == []
    lantern.rules(MAPPED)
    (found,) = reapply(lantern.runtime, "lantern", save=True).differences
    assert (found.before, found.after) == (Verdict.EXCLUDED, Verdict.IMPORTED)
    assert [it.categories[0].slug for it in lantern.published()] == ["water"]


def test_what_others_decided_stays(two):
    newsroom.retract(two.runtime, str(two.article(1).id), reason="Wrong")
    two.says(tombstones=(Tombstone(entry(2).id, two.clock.now()),))
    two.poll()
    two.rules(MAPPED)
    assert reapply(two.runtime, "lantern", save=True).differences == []
    assert two.article(1).retraction_reason == "Wrong"


def test_what_waits_follows_the_rules_and_what_was_rejected_does_not(lantern):
    lantern.rules("review = true")
    lantern.says(rivers(1), rivers(2))
    lantern.poll()
    reviewing.reject(lantern.runtime, [str(lantern.article(2).id)], reason="")
    lantern.rules(f"review = true\n{MAPPED}")
    (found,) = reapply(lantern.runtime, "lantern", save=True).differences
    assert (found.title, found.after) == ("Story 1", Verdict.WAITING)
    assert lantern.article(1).status is Status.DRAFT
    assert [it.name for it in lantern.article(1).authors] == ["Cleo Duarte"]


def test_rights_of_a_head_that_has_changed_since_stay(lantern):
    """An entry that is no longer in the feed inherits from the head it stood under."""
    body = (
        '<rss version="2.0"><channel><title>T</title><link>https://lantern.example/</link>'
        "<copyright>(c) {year}</copyright><language>pt</language><item><guid>{guid}</guid>"
        "<title>Story</title><category>Rivers</category></item></channel></rss>"
    )
    one, two = entry(1).id, entry(2).id
    lantern.serves(body.format(year=2025, guid=one).encode())
    lantern.poll()
    lantern.clock.advance(60)
    lantern.serves(body.format(year=2026, guid=two).encode())
    lantern.poll()
    lantern.rules(MAPPED)
    for it in reapply(lantern.runtime, "lantern", save=True).differences:
        assert it.fields == {"categories": ("", "theme/water, region/islands")}
    assert (lantern.article(1).rights, lantern.article(2).rights) == ("(c) 2025", "(c) 2026")


def test_many_are_done_and_counted(lantern):
    lantern.says(*(rivers(number) for number in range(1, 56)))
    lantern.poll()
    lantern.rules(MAPPED)
    steps: list[tuple[int, int]] = []
    found = reapply(
        lantern.runtime, "lantern", save=False, progress=lambda *step: steps.append(step)
    )
    assert len(found.differences) == 55
    assert steps == [(50, 55), (55, 55)]


@pytest.mark.parametrize("markup", [packed("<torn"), b"<torn"], ids=["torn", "not packed"])
def test_what_cannot_be_read_again_stays_and_is_told(two, markup):
    with two.runtime.store.writing() as tx:
        tx.execute(update(table).where(table.c.id == 1).values(markup=markup))
        tx.exec_driver_sql("UPDATE entries SET head_id = NULL WHERE id = 2")
    two.rules(ADS)
    found = reapply(two.runtime, "lantern", save=True)
    assert (found.differences, found.unread) == ([], 2)
    assert two.titles() == ["Story 1", "Sponsored"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_kept_out_by_more_than_rules_is_no_change(lantern):
    """An article of ours that comes back is refused, whatever the rules say."""
    own = replace(own_articles()[0], guid="tag:gazette.example,2026:own")
    newsroom.write(lantern.runtime, own)
    lantern.says(replace(entry(1), id=own.guid), rivers(2))
    assert lantern.poll().refused == 1
    lantern.rules(MAPPED)
    (found,) = reapply(lantern.runtime, "lantern", save=True).differences
    assert found.key == entry(2).id


def test_an_unknown_source_is_told(lantern):
    with pytest.raises(NotFound, match="nobody"):
        reapply(lantern.runtime, "nobody", save=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_shows_and_asks(two):
    two.rules(MAPPED)
    out = run(two, "reapply", "lantern", input="")
    assert "nothing was saved" in out
    assert "Story 1: was imported, edited (by changed rules)" in out
    assert "  authors\n    - cd\n    + Cleo Duarte\n" in out
    assert two.published()[0].authors[0].name == "cd"
    assert "saved: 2 entries" in run(two, "reapply", "lantern", input="y\n")
    assert run(two, "reapply", "lantern") == "the rules make the same of everything\n"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_for_machines(two):
    two.rules(ADS)
    told = json.loads(run(two, "reapply", "lantern", "--json"))
    assert (told["source"], told["saved"], told["not_read"]) == ("lantern", False, 0)
    assert [it["after"] for it in told["differences"]] == ["excluded"]
    assert len(two.titles()) == 2
    assert json.loads(run(two, "reapply", "lantern", "--json", "--yes"))["saved"] is True
    assert two.titles() == ["Story 1"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_terms_that_are_filed_nowhere_are_listed(two):
    (found,) = unmapped_terms(two.runtime, "lantern")
    assert (found.term, found.entries, found.example) == ("Rivers", 2, "Sponsored")
    assert '"Rivers" = []' in run(two, "terms", "lantern")
    two.rules(MAPPED)
    assert unmapped_terms(two.runtime, "lantern") == []


def test_a_head_is_kept_once(two):
    two.says_and_is_polled(rivers(1, title="Better"), rivers(2))
    with two.runtime.store.reading() as tx:
        heads = tx.exec_driver_sql("SELECT count(*) FROM heads").scalar()
        kept = entries.following(tx, two.source().id, 0, limit=9)
    assert heads == 1
    assert {it.head for it in kept} == {1}
