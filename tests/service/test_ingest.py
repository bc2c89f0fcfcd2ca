"""A poll from request to reader: what is new is taken in, what is known is left, everything is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feeds.model import Category, Entry, License, Person, Tombstone
from service import ingest
from service import runtime as running
from service.config import Config
from service.errors import NotFound, Refused
from service.model import PollResult, Selection, SourceState, Status, Verdict
from service.packing import unpacked
from service.parsing import Parser
from service.runtime import Runtime
from service.store import articles, entries, leases, polls, sources, texts
from tests.fakes import ManualClock, Reply, Upstream, conditional
from tests.newsroom import NOW
from tests.service import lantern
from tests.service.lantern import document, kept_of
from tests.spoken import spoken

HOUR = timedelta(hours=1)


def entry(number: int, **changed) -> Entry:
    values = {"rights": f"Copyright (c) The Lantern, story {number}", **changed}
    return lantern.entry(number, **values)


def serve(upstream: Upstream, path: str, body: bytes) -> None:
    upstream.script(path, conditional(Reply(body=body)))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def runtime(
    configure: Callable[..., Config], clock: ManualClock, upstream: Upstream, parser: Parser
) -> Iterator[Runtime]:
    config = configure(
        ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
        ("http://127.0.0.1:9/other.rss", upstream.url("/other.rss")),
        (
            'gap = "0s"',
            f'gap = "2s"\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]',
        ),
    )
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        yield held


def poll(runtime: Runtime, slug: str = "lantern"):
    return ingest.poll_named(runtime, slug, owner="test")


def published(runtime: Runtime):
    with runtime.store.reading() as tx:
        return articles.select(tx, Selection(), limit=100)


def source(runtime: Runtime, slug: str = "lantern"):
    with runtime.store.reading() as tx:
        return sources.at(tx, slug)


def test_new_entries_become_articles(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1), entry(2)))
    outcome = poll(runtime)
    assert (outcome.result, outcome.imported, outcome.http_status) == (
        PollResult.NEW_CONTENT,
        2,
        200,
    )
    first, second = published(runtime)
    assert (first.title, second.title) == ("Story 1", "Story 2")
    assert first.guid == "tag:lantern.example,2026:1"
    assert [it.name for it in first.authors] == ["Cleo Duarte", "Max Vey"]
    assert [(it.scheme, it.slug) for it in first.categories] == [("theme", "water")]
    assert first.rights == "Copyright (c) The Lantern, story 1"
    assert first.origin.title == "The Lantern"
    assert first.origin.url == "https://lantern.example/1"


def test_the_words_of_a_text_are_those_that_a_later_look_at_it_finds(runtime, upstream):
    story = entry(
        1, title="Über Öl & <b>Gas</b>", content="<p>Café</p><figure>A <b>ferry</b></figure>"
    )
    serve(upstream, "/feed.atom", document(story, entry(2, title=None)))
    poll(runtime)
    with runtime.store.writing() as tx:
        before = spoken(tx)
        texts.refresh(tx, before)
        assert spoken(tx) == before != {}


def test_an_unchanged_feed_is_a_304(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1)))
    poll(runtime)
    outcome = poll(runtime)
    assert (outcome.result, outcome.http_status) == (PollResult.NOT_MODIFIED, 304)
    assert outcome.etag_sent == source(runtime).etag is not None
    assert len(published(runtime)) == 1


def test_the_same_bytes_are_not_read_again(runtime, upstream):
    body = document(entry(1))
    upstream.script("/feed.atom", Reply(body=body))
    poll(runtime)
    outcome = poll(runtime)
    assert (outcome.result, outcome.reason) == (PollResult.UNCHANGED, "the same bytes as before")


def test_an_edit_changes_the_article_in_place(runtime, upstream, clock):
    serve(upstream, "/feed.atom", document(entry(1), entry(2)))
    poll(runtime)
    before = {it.guid: it for it in published(runtime)}
    clock.advance(600)
    edited = entry(1, title="Story 1, corrected", updated=NOW + timedelta(minutes=5))
    serve(upstream, "/feed.atom", document(edited, entry(2)))
    outcome = poll(runtime)
    assert (outcome.imported, outcome.edited, outcome.unchanged) == (0, 1, 1)
    after = {it.guid: it for it in published(runtime)}
    assert after.keys() == before.keys()
    corrected = after[edited.id]
    assert (corrected.title, corrected.path) == ("Story 1, corrected", before[edited.id].path)
    assert corrected.updated == NOW + timedelta(minutes=5)
    assert after[entry(2).id] == before[entry(2).id]


def test_a_date_that_moves_alone_is_no_edit(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1)))
    poll(runtime)
    before = published(runtime)
    serve(upstream, "/feed.atom", document(entry(1, updated=NOW)))
    outcome = poll(runtime)
    assert (outcome.edited, outcome.unchanged) == (0, 1)
    assert published(runtime) == before


def test_an_entry_that_is_gone_from_the_feed_stays(runtime, upstream):
    """TMB-05: absence says nothing."""
    serve(upstream, "/feed.atom", document(entry(1), entry(2)))
    poll(runtime)
    serve(upstream, "/feed.atom", document(entry(2)))
    poll(runtime)
    assert len(published(runtime)) == 2


def test_a_tombstone_of_its_own_source_withdraws(runtime, upstream, clock):
    serve(upstream, "/feed.atom", document(entry(1), entry(2)))
    poll(runtime)
    clock.advance(60)
    stone = Tombstone(entry(1).id, clock.now(), "Published in error")
    serve(upstream, "/feed.atom", document(entry(2), tombstones=(stone,)))
    outcome = poll(runtime)
    assert outcome.withdrawn == 1
    assert [it.title for it in published(runtime)] == ["Story 2"]
    with runtime.store.reading() as tx:
        long_ago = NOW - timedelta(days=9)
        numbers = articles.withdrawn(tx, Selection(), since=long_ago, limit=5)
        (gone,) = articles.of(tx, numbers)
        (kept,) = entries.of_article(tx, gone.id)
        told = [fate.verdict for fate in entries.story(tx, kept.id)]
    assert (gone.status, gone.retraction_reason) == (Status.RETRACTED, "Published in error")
    assert told == [Verdict.IMPORTED, Verdict.WITHDRAWN]
    assert poll(runtime).result is PollResult.NOT_MODIFIED


@pytest.mark.parametrize("when", [timedelta(hours=-5), timedelta(days=-400)])
def test_a_tombstone_older_than_the_article_is_not_obeyed(runtime, upstream, when):
    serve(upstream, "/feed.atom", document(entry(1)))
    poll(runtime)
    stone = Tombstone(entry(1).id, NOW + when)
    serve(upstream, "/feed.atom", document(tombstones=(stone,)))
    assert poll(runtime).withdrawn == 0
    assert len(published(runtime)) == 1


def test_no_source_withdraws_or_edits_anothers_entry(runtime, upstream, clock):
    """T17, TMB-04."""
    serve(upstream, "/feed.atom", document(entry(1)))
    poll(runtime)
    before = published(runtime)
    clock.advance(60)
    serve(upstream, "/other.rss", document(entry(1, title="Taken over"),
                                          tombstones=(Tombstone(entry(1).id, clock.now()),)))  # fmt: skip
    poll(runtime, "unclear")
    mine = [it for it in published(runtime) if it.source == "lantern"]
    assert mine == before


@pytest.mark.parametrize(
    "answer",
    [
        Reply(500),
        Reply(404),
        Reply(body=b""),
        Reply(body=b"<!doctype html><title>Log in</title>", headers={"Content-Type": "text/html"}),
        Reply(body=b'<!DOCTYPE r [<!ENTITY a "b">]><rss/>'),
        Reply(301, {"Location": "/feed.atom"}),
    ],
    ids=["500", "404", "empty", "login page", "entities", "redirect loop"],
)
def test_a_failure_keeps_articles_and_validators_and_backs_off(runtime, upstream, answer):
    """DED-13, POL-12."""
    serve(upstream, "/feed.atom", document(entry(1)))
    poll(runtime)
    before = source(runtime)
    upstream.script("/feed.atom", answer)
    outcomes = [poll(runtime), poll(runtime)]
    after = source(runtime)
    assert [it.result for it in outcomes] == [PollResult.FAILED] * 2
    assert all(it.reason for it in outcomes)
    assert (after.etag, after.body_digest, after.failures) == (before.etag, before.body_digest, 2)
    assert after.last_error
    assert after.next_at - NOW > HOUR
    assert after.failing_since - NOW < timedelta(minutes=1)
    assert len(published(runtime)) == 1


@pytest.mark.parametrize("status", [401, 410])
def test_a_feed_that_ends_is_not_asked_again(runtime, upstream, clock, status):
    upstream.script("/feed.atom", Reply(status))
    poll(runtime)
    assert source(runtime).state is SourceState.STOPPED
    clock.advance(10 * 86400)
    asked = len(upstream.journal)
    assert [it.source for it in ingest.poll_due(runtime, owner="test").outcomes] == ["unclear"]
    assert [it.path for it in upstream.journal[asked:]] == ["/other.rss"]


def test_what_is_due_is_polled_once_and_not_again_before_its_time(runtime, upstream, clock):
    serve(upstream, "/feed.atom", document(entry(1)))
    serve(upstream, "/other.rss", document())
    assert {it.source for it in ingest.poll_due(runtime, owner="test").outcomes} == {
        "lantern",
        "unclear",
    }
    assert ingest.poll_due(runtime, owner="test").outcomes == []
    clock.advance(50 * 60)
    assert ingest.poll_due(runtime, owner="test").outcomes == []
    clock.advance(20 * 60)
    assert len(ingest.poll_due(runtime, owner="test").outcomes) == 2


def test_a_restart_polls_nothing_early(runtime, upstream, clock):
    """POL-08: the next time is stored before the request is sent."""

    def dies(_request):
        raise ConnectionAbortedError

    upstream.script("/feed.atom", dies)
    poll(runtime)
    running.prepare(runtime.config, clock=clock)
    with runtime.store.reading() as tx:
        due = sources.due(tx, [source(runtime).host], clock.now())[source(runtime).host]
    assert [it.slug for it in due] == ["unclear"]


def test_a_claimed_host_is_left_alone(runtime):
    with runtime.store.writing() as tx:
        lease = leases.claim(tx, source(runtime).host, owner="other", now=NOW, lasting=HOUR)
    assert ingest.poll_due(runtime, owner="test").outcomes == []
    with pytest.raises(Refused, match="being polled just now"):
        poll(runtime)
    with runtime.store.writing() as tx:
        leases.release(tx, lease, not_before=NOW)
    assert len(ingest.poll_due(runtime, owner="test").outcomes) == 2


@pytest.mark.parametrize("changed", [{"paused": True}, {"url": "http://127.0.0.2:9/moved"}])
def test_what_a_reload_changes_while_its_host_is_polled_is_heeded(runtime, upstream, changed):
    """The second source is paused, or moves to a host that is not ours, while the first is asked."""
    first, second = [it.slug for it in due(runtime)]

    stays, changes = source(runtime, first).url, source(runtime, second).url
    declared = {"url": changes, "paused": False} | changed

    def reloads(_request):
        with runtime.store.writing() as tx:
            told = [(first, "First", stays, False), (second, "Second", *declared.values())]
            sources.declare(tx, told, NOW)
        return Reply(304)

    for path in ("/feed.atom", "/other.rss"):
        upstream.script(path, reloads)
    assert [it.source for it in ingest.poll_due(runtime, owner="test").outcomes] == [first]
    assert len(upstream.journal) == 1


def due(runtime: Runtime):
    with runtime.store.reading() as tx:
        host = source(runtime).host
        return sources.due(tx, [host], runtime.clock.now())[host]


def test_a_feed_that_is_gone_does_not_stop_the_one_that_replaced_it(runtime, upstream):
    moved = source(runtime).url + "?moved"

    def reloads(_request):
        with runtime.store.writing() as tx:
            sources.declare(tx, [("lantern", "The Lantern", moved, False)], NOW)
        return Reply(410)

    upstream.script("/feed.atom", reloads)
    outcome = poll(runtime)
    found = source(runtime)
    assert (found.url, found.state, found.failures) == (moved, SourceState.ACTIVE, 0)
    with runtime.store.reading() as tx:
        assert polls.listed(tx, found.id, limit=5) == [outcome]


def test_every_poll_is_written_down(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1)))
    outcomes = [poll(runtime), poll(runtime)]
    with runtime.store.reading() as tx:
        assert polls.listed(tx, source(runtime).id, limit=5) == outcomes[::-1]


def test_raw_and_reason_are_kept_of_what_is_refused(runtime, upstream):
    serve(upstream, "/feed.atom", document(entry(1, title=None, content=None)))
    outcome = poll(runtime)
    assert outcome.refused in (0, 1)
    with runtime.store.reading() as tx:
        kept = kept_of(tx, source(runtime).id, entry(1).id)
        fates = entries.story(tx, kept.id)
    assert unpacked(kept.markup).startswith("<entry")
    assert fates[-1].verdict is kept.verdict


def test_an_unknown_source_is_told(runtime):
    with pytest.raises(NotFound, match="nobody"):
        poll(runtime, "nobody")


def test_a_crash_between_chunks_only_repeats_work(runtime, upstream):
    """120 entries are three chunks: the second poll finds all of them known."""
    upstream.script("/feed.atom", Reply(body=document(*(entry(n) for n in range(1, 121)))))
    assert poll(runtime).imported == 120
    with runtime.store.writing() as tx:
        it = source(runtime)
        sources.record(tx, type(it)(slug=it.slug, name=it.name, url=it.url, host=it.host, id=it.id))
    outcome = poll(runtime)
    assert (outcome.imported, outcome.edited, outcome.unchanged) == (0, 0, 120)


def test_values_of_any_length_are_kept_or_left_out(runtime, upstream):
    """T8: nothing that a document can hold is too long for the database."""
    long = "é" * 1900
    huge = "https://lantern.example/" + "a" * 4000
    upstream.script(
        "/feed.atom",
        Reply(body=document(
            entry(1, id=f"tag:lantern.example,2026:{long}"),
            entry(2, id=f"tag:lantern.example,2026:{'b' * 1990}"),
            entry(3, link=huge, authors=(Person("Cleo", uri=huge + "b"),)),
            entry(4, title=long * 3, rights=long * 20, categories=(Category(long, huge),)),
        )),
    )  # fmt: skip
    outcome = poll(runtime)
    assert (outcome.result, outcome.imported) == (PollResult.NEW_CONTENT, 4)
    assert len(published(runtime)) == 4


def test_a_correction_after_a_withdrawal_comes_back(runtime, upstream, clock):
    upstream.script("/feed.atom", Reply(body=document(entry(1))))
    poll(runtime)
    clock.advance(60)
    serve(upstream, "/feed.atom", document(tombstones=(Tombstone(entry(1).id, clock.now()),)))
    assert poll(runtime).withdrawn == 1
    clock.advance(60)
    corrected = entry(1, title="Now right", updated=clock.now())
    serve(upstream, "/feed.atom", document(corrected))
    poll(runtime)
    assert [it.title for it in published(runtime)] == ["Now right"]


def test_an_edit_under_a_license_that_forbids_takes_the_article_back(runtime, upstream, clock):
    upstream.script("/feed.atom", Reply(body=document(entry(1))))
    poll(runtime)
    licenses = dict(runtime.config.licenses)
    licenses["none"] = licenses["closed"].model_copy(update={"uri": "https://none.example/"})
    strict = replace(runtime, config=runtime.config.model_copy(update={"licenses": licenses}))
    now_closed = entry(1, title="Mine alone", license=License("https://none.example/"))
    serve(upstream, "/feed.atom", document(now_closed))
    assert poll(strict).refused == 1
    assert published(runtime) == []


def test_what_is_beyond_the_limit_comes_with_the_next_poll(runtime, upstream):
    fetch = runtime.config.fetch.model_copy(update={"items": 2})
    small = replace(runtime, config=runtime.config.model_copy(update={"fetch": fetch}))
    upstream.script("/feed.atom", Reply(body=document(*(entry(n) for n in range(1, 6)))))
    assert [poll(small).imported for _ in range(4)] == [2, 2, 1, 0]


def test_an_error_of_ours_is_that_sources_failure(runtime, upstream):
    class Broken:
        def read(self, *_args, **_options):
            raise ZeroDivisionError("on purpose")

    upstream.script("/feed.atom", Reply(body=document(entry(1))))
    outcome = poll(replace(runtime, parser=Broken()))
    assert (outcome.result, outcome.reason) == (PollResult.FAILED, "an error of ours: on purpose")
    assert source(runtime).failures == 1


def test_a_stopped_source_that_answers_again_is_resumed(runtime, upstream):
    upstream.script("/feed.atom", Reply(410), Reply(body=document(entry(1))))
    poll(runtime)
    assert source(runtime).state is SourceState.STOPPED
    poll(runtime)
    assert source(runtime).state is SourceState.ACTIVE


def test_the_gap_holds_between_claims_too(runtime, upstream, clock):
    poll(runtime)
    assert ingest.poll_due(runtime, owner="test").outcomes == []
    clock.advance(2)
    assert [it.source for it in ingest.poll_due(runtime, owner="test").outcomes] == ["unclear"]
