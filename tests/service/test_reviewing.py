"""The review queue, releases after a delay, and what is too old to come in."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from feeds.model import Tombstone
from service import cli, newsroom, reviewing, tasks
from service.errors import NotFound, Refused
from service.model import Status, Verdict
from service.runtime import Current
from service.store import articles
from tests.newsroom import NOW
from tests.service.lantern import entry

REVIEW = "review = true"


def number(lantern, story: int) -> str:
    return str(lantern.article(story).id)


@pytest.fixture
def reviewed(lantern):
    """The Lantern's stories 1 and 2 wait for a review."""
    lantern.rules(REVIEW)
    lantern.says(entry(1), entry(2))
    outcome = lantern.poll()
    assert (outcome.waiting, outcome.imported, outcome.refused) == (2, 0, 0)
    return lantern


def test_what_waits_is_seen_by_nobody(reviewed):
    assert reviewed.titles() == []
    assert reviewed.article(1).status is Status.DRAFT
    assert reviewed.kept(1).verdict is Verdict.WAITING
    waiting = reviewing.listed(reviewed.runtime)
    assert [it.article.title for it in waiting] == ["Story 1", "Story 2"]
    assert reviewing.listed(reviewed.runtime, source="unclear") == []
    with pytest.raises(NotFound, match="nobody"):
        reviewing.listed(reviewed.runtime, source="nobody")


def test_what_is_approved_is_published_with_the_dates_of_its_source(reviewed):
    reviewed.clock.advance(3 * 86_400)
    reviewing.approve(reviewed.runtime, [number(reviewed, 2)])
    (article,) = reviewed.published()
    assert (article.title, article.published, article.updated) == (
        "Story 2",
        entry(2).published,
        entry(2).updated,
    )
    assert [(it.verdict, it.reason) for it in reviewed.fates(2)] == [
        (Verdict.WAITING, ""),
        (Verdict.IMPORTED, "approved"),
    ]
    assert [it.article.title for it in reviewing.listed(reviewed.runtime)] == ["Story 1"]


def test_an_edit_of_what_was_approved_is_published_at_once(reviewed):
    reviewing.approve(reviewed.runtime, [number(reviewed, 1)])
    reviewed.says_and_is_polled(entry(1, title="Better"), entry(2))
    assert reviewed.titles() == ["Better"]


def test_what_waits_follows_its_source(reviewed):
    outcome = reviewed.says_and_is_polled(entry(1, title="Better"), entry(2))
    assert (outcome.waiting, outcome.edited) == (1, 0)
    reviewing.approve(reviewed.runtime, [number(reviewed, 1)])
    assert reviewed.titles() == ["Better"]


def test_what_is_rejected_stays_out_whatever_its_source_does(reviewed):
    reviewing.reject(reviewed.runtime, [number(reviewed, 1)], reason="dull")
    reviewed.says_and_is_polled(entry(1, title="Better"), entry(2))
    assert reviewed.titles() == []
    assert [it.article.title for it in reviewing.listed(reviewed.runtime)] == ["Story 2"]
    fates = [(it.verdict, it.reason) for it in reviewed.fates(1)]
    assert fates[1] == (Verdict.REJECTED, "rejected: dull")
    assert fates[2][0] is Verdict.REJECTED
    reviewed.rules("")
    reviewed.says_and_is_polled(entry(1, title="Best"), entry(2))
    assert reviewed.titles() == []
    reviewing.approve(reviewed.runtime, [number(reviewed, 1)])
    assert reviewed.titles() == ["Best"]


def test_a_rule_does_not_bring_back_what_was_rejected(reviewed):
    reviewing.reject(reviewed.runtime, [number(reviewed, 1)], reason="")
    reviewed.rules('exclude = [{ words = ["sponsored"] }]')
    reviewed.says_and_is_polled(entry(1, title="Sponsored"), entry(2))
    reviewed.says_and_is_polled(entry(1, title="Clean"), entry(2))
    assert reviewed.titles() == []
    assert reviewed.kept(1).verdict is Verdict.REJECTED


def test_what_its_source_withdraws_waits_no_longer(reviewed):
    stone = Tombstone(entry(1).id, reviewed.clock.now())
    reviewed.says(entry(2), tombstones=(stone,))
    assert reviewed.poll().withdrawn == 1
    assert [it.article.title for it in reviewing.listed(reviewed.runtime)] == ["Story 2"]
    assert reviewed.poll().withdrawn == 0


def test_only_what_waits_can_be_decided(reviewed):
    reviewing.approve(reviewed.runtime, [number(reviewed, 1)])
    with pytest.raises(Refused, match="waits for no review"):
        reviewing.approve(reviewed.runtime, [number(reviewed, 2), number(reviewed, 1)])
    with pytest.raises(NotFound):
        reviewing.reject(reviewed.runtime, ["nothing"], reason="")
    assert reviewed.titles() == ["Story 1"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_lists_approves_and_rejects(reviewed):
    def run(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(cli.main, ["--config", str(reviewed.file), "review", *words])
        assert found.exit_code == code, found.output
        return found.output

    listed = json.loads(run("list", "--json"))
    assert [(it["source"], it["title"]) for it in listed] == [
        ("lantern", "Story 1"),
        ("lantern", "Story 2"),
    ]
    assert "Cleo Duarte, Max Vey" in run("list")
    assert run("reject", str(listed[0]["number"]), "--reason", "dull").startswith(
        "rejected: Story 1"
    )
    assert json.loads(run("list", "--rejected", "--json"))[0]["reason"] == "rejected: dull"
    assert run("approve", "--all").startswith(
        "approved: Story 2 (https://gazette.example/articles/"
    )
    assert reviewed.titles() == ["Story 2"]
    assert "name articles, or give --all" in run("approve", code=2)
    assert "waits for no review" in run("reject", number(reviewed, 2), code=1)


def test_a_delayed_article_comes_out_in_time_with_the_dates_of_its_source(lantern):
    lantern.rules('delay = "90m"')
    lantern.says(entry(1), entry(2))
    assert lantern.poll().imported == 2
    assert lantern.titles() == ["Story 2"]
    waiting = lantern.article(1)
    assert (waiting.status, waiting.release) == (Status.SCHEDULED, NOW + timedelta(minutes=30))
    lantern.clock.advance(1799)
    newsroom.settle(lantern.runtime)
    assert lantern.titles() == ["Story 2"]
    lantern.clock.advance(1)
    newsroom.settle(lantern.runtime)
    assert lantern.titles() == ["Story 1", "Story 2"]
    assert lantern.article(1).published == entry(1).published


def test_another_delay_moves_what_is_not_released(lantern):
    lantern.rules('delay = "6h"')
    lantern.says(entry(1), entry(2), entry(5))
    lantern.poll()

    def settle() -> list[str]:
        tasks.refile(Current(lantern.runtime))
        newsroom.settle(lantern.runtime)
        titles: list[str] = lantern.titles()
        return titles

    assert settle() == []
    lantern.rules('delay = "90m"')
    assert settle() == ["Story 2", "Story 5"]
    assert lantern.article(1).release == NOW + timedelta(minutes=30)
    lantern.rules('delay = "1d"')
    assert settle() == ["Story 2", "Story 5"]
    assert lantern.article(1).release == NOW + timedelta(hours=23)
    with lantern.runtime.store.reading() as tx:
        assert articles.next_change(tx) == NOW + timedelta(hours=23)
    lantern.rules("")
    assert settle() == ["Story 1", "Story 2", "Story 5"]


def test_another_delay_counts_for_what_waits_for_a_reviewer(lantern):
    lantern.rules('delay = "90m"\nreview = true')
    lantern.says(entry(1))
    lantern.poll()
    lantern.rules('delay = "3h"\nreview = true')
    tasks.refile(Current(lantern.runtime))
    (approved,) = reviewing.approve(lantern.runtime, [number(lantern, 1)])
    assert (approved.status, approved.release) == (Status.SCHEDULED, NOW + timedelta(hours=2))


def test_what_is_approved_before_its_release_waits_for_that(lantern):
    lantern.rules('delay = "90m"\nreview = true')
    lantern.says(entry(1))
    lantern.poll()
    (approved,) = reviewing.approve(lantern.runtime, [number(lantern, 1)])
    assert approved.status is Status.SCHEDULED
    lantern.clock.advance(1800)
    newsroom.settle(lantern.runtime)
    assert lantern.titles() == ["Story 1"]


def test_what_is_withdrawn_before_its_release_never_comes_out(lantern):
    lantern.rules('delay = "90m"')
    lantern.says(entry(1))
    lantern.poll()
    lantern.clock.advance(60)
    lantern.says(tombstones=(Tombstone(entry(1).id, lantern.clock.now()),))
    assert lantern.poll().withdrawn == 1
    lantern.clock.advance(86_400)
    newsroom.settle(lantern.runtime)
    assert lantern.titles() == []
    lantern.says_and_is_polled(entry(1, title="Now right", updated=lantern.clock.now()))
    assert lantern.titles() == ["Now right"]


def test_a_rule_holds_back_what_is_not_released(lantern):
    keys = 'delay = "90m"\nexclude = [{ words = ["sponsored"] }]'
    lantern.rules(keys)
    lantern.says(entry(1))
    lantern.poll()
    lantern.says_and_is_polled(entry(1, title="Sponsored"))
    lantern.clock.advance(86_400)
    newsroom.settle(lantern.runtime)
    assert lantern.titles() == []


def test_what_is_old_when_it_first_comes_stays_out(lantern):
    lantern.rules('oldest = "2h"')
    lantern.says(entry(1), entry(3))
    assert lantern.poll().refused == 1
    assert lantern.titles() == ["Story 1"]
    kept = lantern.kept(3)
    assert kept.verdict is Verdict.TOO_OLD
    assert kept.reason == (
        f"published {entry(3).published:%Y-%m-%d}, and the source takes what is at most 2h old"
        " when it comes"
    )
    lantern.rules('oldest = "30m"')
    lantern.says_and_is_polled(entry(1, title="Better"), entry(3))
    assert lantern.titles() == ["Better"]
