"""Texts of an older policy are cleaned anew from what was sent; no date moves, and nothing is done twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from feeds.sanitize import POLICY_VERSION
from service import cli
from service.errors import Refused
from service.model import Selection
from service.reapplying import reapply
from service.recleaning import reclean
from service.store import articles, changelog, texts
from service.store.schema import articles as table
from service.words import query
from tests import newsroom
from tests.service.lantern import entry

OLD = "<p>Text, badly cleaned</p>"


def age(runtime, *, content: str | None = OLD) -> None:
    """Let every text be as an older release cleaned it."""
    values = {"policy": 1} | ({"content": content} if content else {})
    with runtime.store.writing() as tx:
        tx.execute(update(table).values(values))


def policies(runtime) -> set[int]:
    with runtime.store.reading() as tx:
        return set(tx.execute(select(table.c.policy)).scalars())


@pytest.fixture
def aged(lantern):
    """Stories 1 to 3 of the Lantern, badly cleaned long ago."""
    lantern.says(*(entry(n, content=f"<p>Text {n}<script>x()</script></p>") for n in (1, 2, 3)))
    lantern.poll()
    age(lantern.runtime)
    lantern.clock.advance(3600)
    return lantern


def test_texts_come_from_what_was_sent_and_no_date_moves(aged):
    dates = [(it.published, it.updated) for it in aged.published()]
    found = reclean(aged.runtime)
    assert (found.done, found.changed, found.as_stored, found.left) == (3, 3, 0, 0)
    assert [it.content for it in aged.published()] == [f"<p>Text {n}</p>" for n in (1, 2, 3)]
    assert [(it.published, it.updated) for it in aged.published()] == dates
    assert policies(aged.runtime) == {POLICY_VERSION}
    assert len(aged.fates(1)) == 1


def test_feeds_and_search_see_it(aged):
    with aged.runtime.store.reading() as tx:
        before = changelog.last(tx)
    reclean(aged.runtime)
    with aged.runtime.store.reading() as tx:
        assert changelog.last(tx) > before
        assert len(texts.saying(tx, query("text"))) == 3
        assert texts.saying(tx, query("badly")) == []


def test_what_is_the_same_is_only_marked(aged):
    age(aged.runtime, content=None)
    reclean(aged.runtime)
    age(aged.runtime, content=None)
    with aged.runtime.store.reading() as tx:
        before = changelog.last(tx)
    assert reclean(aged.runtime).changed == 0
    with aged.runtime.store.reading() as tx:
        assert changelog.last(tx) == before
    assert reclean(aged.runtime).done == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from service import config, runtime
from service.recleaning import reclean

def killed(done, whole):
    if done == 50:
        os.kill(os.getpid(), signal.SIGKILL)

with runtime.opened(config.load(Path(sys.argv[1]))) as held:
    reclean(held, progress=killed)
"""


def test_what_is_killed_goes_on_where_it_was(lantern):
    lantern.says(*(entry(number) for number in range(1, 56)))
    lantern.poll()
    age(lantern.runtime)
    command = [sys.executable, "-c", KILLED, str(lantern.file)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    steps: list[tuple[int, int]] = []
    found = reclean(lantern.runtime, progress=lambda *it: steps.append(it))
    assert (found.done, found.changed, found.left, steps) == (5, 5, 0, [(5, 5)])
    assert [it.content for it in lantern.published()[:2]] == ["<p>Text 1</p>", "<p>Text 2</p>"]


def test_afterwards_rules_find_nothing_to_change(aged):
    with pytest.raises(Refused, match="feedwright reclean"):
        reapply(aged.runtime, "lantern", save=False)
    reclean(aged.runtime)
    assert reapply(aged.runtime, "lantern", save=False).differences == []


def test_what_cannot_be_read_again_is_cleaned_as_it_stands(aged):
    with aged.runtime.store.writing() as tx:
        tx.exec_driver_sql("UPDATE entries SET markup = NULL WHERE id = 1")
        tx.execute(update(table).values(content="<p>Kept<script>x()</script></p>"))
    found = reclean(aged.runtime)
    assert (found.done, found.as_stored) == (3, 1)
    assert sorted(it.content for it in aged.published()) == [
        "<p>Kept</p>",
        "<p>Text 2</p>",
        "<p>Text 3</p>",
    ]


def test_what_a_rule_keeps_out_keeps_the_text_it_had(aged):
    aged.rules('exclude = [{ words = ["sponsored"] }]')
    aged.says_and_is_polled(entry(1, title="Sponsored", content="<p>Buy</p>"))
    age(aged.runtime, content="<p>As it was</p>")
    reclean(aged.runtime)
    assert aged.article(1).content == "<p>As it was</p>"


def test_the_newsrooms_own_texts_are_cleaned_as_they_stand(runtime):
    with runtime.store.reading() as tx:
        before = articles.select(tx, Selection(), limit=100)
    age(runtime, content=None)
    with runtime.store.writing() as tx:
        tx.execute(
            update(table).where(table.c.id == before[0].id).values(note="<p onclick=x>N</p>")
        )
    found = reclean(runtime)
    assert found.done == len(newsroom.articles())
    with runtime.store.reading() as tx:
        after = articles.select(tx, Selection(), limit=100)
    assert [it.content for it in after] == [it.content for it in before]
    assert after[0].editors_note.html == "<p>N</p>"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command(aged):
    command = ["--config", str(aged.file), "reclean"]
    found = CliRunner().invoke(cli.main, [*command, "--json"])
    assert json.loads(found.stdout) == {"done": 3, "changed": 3, "as_stored": 0, "left": 0}
    assert (
        CliRunner().invoke(cli.main, command).stdout == "0 texts cleaned anew, 0 of them changed\n"
    )
