"""Every answer of tests/service/hostile.py, polled twice by one newsroom, leads to what it has to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from feeds.model import Format
from feeds.reading import read
from service import config as configuration
from service import ingest, publish
from service import runtime as running
from service.model import Article, PollOutcome, PollResult, Selection, Source, SourceState, Status
from service.runtime import Runtime
from service.store import articles, sources
from tests.conftest import DATA
from tests.fakes import ManualClock, Reply, Upstream
from tests.newsroom import NOW
from tests.service.hostile import CASES, NEIGHBOUR, Case

WEEK = 7 * 86_400  # seconds


@dataclass
class Seen:
    """A poll of every source, and what was to be seen after it."""

    outcomes: dict[str, PollOutcome]
    stands: dict[str, Source]
    articles: dict[str, list[Article]]


def slug(case: Case) -> str:
    return f"case-{CASES.index(case)}"


def of(case: Case, reply: Reply) -> Reply:
    """The reply with ids and texts that are of no other source: else its articles were one with others'."""
    body = reply.body.replace(b"urn:worst:", f"urn:{slug(case)}:".encode())
    return replace(reply, body=body.replace(b"Text ", f"Text of {slug(case)} ".encode()))


def settings(folder: Path, template: Path, upstream: Upstream) -> configuration.Config:
    text = (DATA / "newsroom" / "config.toml").read_text(encoding="utf-8")
    text = text[: text.index("[[sources]]")]
    for case in CASES:
        text += (
            f'[[sources]]\nslug = "{slug(case)}"\nname = "{case.name.capitalize()}"\n'
            f'url = "{upstream.script(f"/{slug(case)}", of(case, case.reply))}"\n'
        )
    text += (
        f'[[sources]]\nslug = "good"\nname = "Good"\nurl = "{upstream.script("/good", NEIGHBOUR)}"\n'
        f'[content]\nfeed_size = 100\n[fetch]\ngap = "0s"\n'
        f'allow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]\n'
        f'[storage]\ndatabase = "sqlite:test.db"\n'
    )
    shutil.copy(template, folder / "test.db")
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return configuration.load(path)


def polled(runtime: Runtime) -> Seen:
    told = ingest.poll_due(runtime, owner="test", only_due=False)
    assert not told.refused
    with runtime.store.reading() as tx:
        stands = {it.slug: it for it in sources.listed(tx)}
        shown = articles.listed(tx, status=None, limit=1000)
    return Seen(
        {it.source: it for it in told.outcomes},
        stands,
        {name: [it for it in shown if it.source == name] for name in stands},
    )


@pytest.fixture(scope="module")
def newsroom(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, parser
) -> Iterator[tuple[Runtime, Upstream, Seen, Seen]]:
    folder, clock = tmp_path_factory.mktemp("hostile"), ManualClock(NOW)
    with Upstream() as upstream:
        config = settings(folder, sqlite_template, upstream)
        running.prepare(config, clock=clock)
        with running.opened(config, clock=clock, parser=parser) as held:
            first = polled(held)
            for case in CASES:
                if case.again:
                    upstream.script(f"/{slug(case)}", of(case, case.again))
            clock.advance(WEEK)
            yield held, upstream, first, polled(held)


@pytest.mark.parametrize("case", CASES, ids=[it.name for it in CASES])
def test_what_it_leads_to(newsroom, case: Case) -> None:
    _, _, first, _ = newsroom
    found, stands, shown = (it[slug(case)] for it in (first.outcomes, first.stands, first.articles))
    assert (found.result, found.imported, found.refused) == (case.result, case.new, case.refused), (
        found.reason
    )
    assert case.reason in found.reason
    assert len(shown) == case.new
    assert case.check(shown), shown
    assert case.stands(stands), stands
    assert stands.state is SourceState.ACTIVE
    assert stands.failures == (found.result is PollResult.FAILED)
    assert stands.next_at is not None
    assert stands.next_at > NOW


@pytest.mark.parametrize("case", CASES, ids=[it.name for it in CASES])
def test_a_week_later_nothing_is_lost_or_doubled(newsroom, case: Case) -> None:
    _, _, first, second = newsroom
    found = second.outcomes[slug(case)]
    assert (found.imported, found.withdrawn) == (0, 0), found.reason
    assert second.articles[slug(case)] == first.articles[slug(case)]


def test_the_good_are_none_the_worse(newsroom) -> None:
    _, upstream, first, second = newsroom
    assert first.outcomes["good"].result is PollResult.NEW_CONTENT
    assert second.outcomes["good"].result is PollResult.UNCHANGED
    (article,) = second.articles["good"]
    assert (article.status, [article]) == (Status.PUBLISHED, first.articles["good"])
    assert not any("Cookie" in it.headers for it in upstream.journal)
    assert len(CASES) >= 40


@pytest.mark.parametrize("kind", list(Format))
def test_what_came_of_all_can_be_published(newsroom, kind: Format) -> None:
    runtime, *_ = newsroom
    made = publish.rendered(runtime, Selection(), kind)
    found = read(made.body, url="https://gazette.example/", content_type=None)
    assert not found.problems
    assert len(found.entries) > 40
