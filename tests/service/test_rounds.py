"""A round of polls goes on when the database refuses one host, and tells which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import text

from service import cli, ingest
from service.errors import StoreBusy
from service.fetch import Fetcher
from service.model import PollOutcome, PollResult
from service.runtime import Runtime
from service.store import Store, Transaction, polls, sources
from tests.fakes import Reply, Upstream, conditional
from tests.newsroom import NOW
from tests.service.lantern import Lantern, document, entry


class Crowded(Store):
    """A store with little patience; the rival who holds the database leaves when that is at its end."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.rival = ExitStack()

    @contextmanager
    def writing(
        self, wait: timedelta = timedelta(milliseconds=50), *, repeatable: bool = False
    ) -> Iterator[Transaction]:
        try:
            with super().writing(wait, repeatable=repeatable) as tx:
                yield tx
        except StoreBusy:
            self.rival.close()
            raise


@pytest.fixture
def other(lantern: Lantern) -> Iterator[Upstream]:
    """The host of the other source; hosts are asked one after the other, that of the Lantern first."""
    with Upstream() as server:
        plain = lantern.file.read_text(encoding="utf-8")
        port = lantern.answers("/", Reply()).rpartition(":")[2].rstrip("/")
        url = lantern.answers("/other.rss", Reply())
        lantern.rewrite(
            plain.replace(url, server.script("/other.rss", Reply(body=document(entry(9)))))
            .replace(f"allow_ports = [{port}]", f"allow_ports = [{port}, {server.port}]")
            .replace('gap = "0s"', 'gap = "0s"\nhosts_at_once = 1')
        )
        fetcher = Fetcher(lantern.runtime.config, clock=lantern.clock)
        lantern.runtime = replace(lantern.runtime, fetcher=fetcher)
        with lantern.runtime.store.writing() as tx:
            tx.execute(text("UPDATE sources SET next_at = next_at - 1 WHERE slug = 'lantern'"))
        yield server


def test_a_host_that_meets_a_locked_database_stops_no_other(lantern, other):
    held = lantern.runtime
    answer = conditional(Reply(body=document(entry(1))))
    with closing(Crowded(held.store.url)) as crowded:

        def lock_and_answer(request):
            crowded.rival.enter_context(held.store.writing())
            return answer(request)

        lantern.answers("/feed.atom", lock_and_answer, answer)
        told = ingest.poll_due(replace(held, store=crowded), owner="test", only_due=False)
    assert [(it.source, it.result) for it in told.outcomes] == [("unclear", PollResult.NEW_CONTENT)]
    (reason,) = told.refused.values()
    assert "locked for too long" in reason
    assert lantern.source().next_at > NOW
    assert lantern.source().failures == 0
    assert latest(held)[0].result is PollResult.BROKEN_OFF
    given = ["--config", str(lantern.file)]
    for asked in (["source", "show", "lantern"], ["explain", "lantern"]):
        shown = CliRunner().invoke(cli.main, given + asked).stdout
        assert "broken off" in shown
        assert "comes with the next poll" in " ".join(shown.split())
    assert lantern.poll().imported == 1


def latest(runtime: Runtime) -> list[PollOutcome]:
    """The polls of the Lantern, the newest first."""
    with runtime.store.reading() as tx:
        return polls.listed(tx, sources.at(tx, "lantern").id, limit=5)


def test_a_poll_under_way_is_not_broken_off(lantern):
    found = []

    def look_and_answer(_request):
        found.extend(latest(lantern.runtime))
        return Reply(body=document(entry(1)))

    lantern.answers("/feed.atom", look_and_answer)
    lantern.poll()
    assert [it.result for it in found] == [PollResult.CLAIMED]


def test_it_is_told_how_long_was_waited_for_no_answer(lantern):
    def slowly(_request):
        lantern.clock.advance(3)
        return Reply(raw=True, body=b"")

    lantern.answers("/feed.atom", slowly)
    outcome = lantern.poll()
    assert (outcome.result, outcome.milliseconds) == (PollResult.FAILED, 3000)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # whose triggers are shorter
def test_the_command_tells_how_many_hosts_it_could_not_poll(lantern, other):
    with lantern.runtime.store.writing() as tx:
        tx.execute(
            text(
                "CREATE TRIGGER sulking BEFORE UPDATE ON polls WHEN new.source_id = "
                f"{lantern.source().id} BEGIN SELECT RAISE(ABORT, 'not today'); END"
            )
        )
    lantern.says(entry(1))
    given = ["--config", str(lantern.file), "poll", "--all"]
    result = CliRunner().invoke(cli.main, given)
    assert result.exit_code == 1
    assert result.stdout.startswith("unclear: new content; 1 imported")
    assert result.stderr.startswith("1 host could not be polled to the end")
    assert "not today" in result.stderr
    assert "Traceback" not in result.output
