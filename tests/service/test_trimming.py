"""What has served its time is forgotten, and nobody misses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from service import reapplying, tasks
from service.care import trimming
from service.model import EVERYTHING
from service.packing import packed
from service.runtime import Current
from service.store import articles, changelog
from service.store.schema import changes, entries, fates, heads, polls, sources
from tests import newsroom
from tests.newsroom import NOW
from tests.service.lantern import document, entry

DAY = timedelta(days=1)


def numbers(runtime) -> list[int]:
    with runtime.store.reading() as tx:
        return sorted(tx.execute(select(changes.c.number)).scalars())


def changed(runtime, *moments) -> list[int]:
    """Take a change of every scope down at each of these moments; gives their numbers."""
    with runtime.store.writing() as tx:
        added = insert(changes).returning(changes.c.number)
        return [
            tx.execute(added.values(scope=f"author:{n}", at=at)).scalar_one()
            for n, at in enumerate(moments)
        ]


def test_changes_older_than_a_day_are_forgotten(bare):
    old = changed(bare, *[NOW - 2 * DAY] * 250)
    new = changed(bare, NOW - DAY / 2, NOW)
    trimming.trim(bare)
    left = numbers(bare)
    assert not set(old) & set(left)
    assert set(new) <= set(left)


def test_the_newest_change_stays_however_old(runtime, clock):
    newest = numbers(runtime)[-1]
    clock.advance(400 * 86400)
    trimming.trim(runtime)
    assert numbers(runtime) == [newest]


def test_a_reader_that_lags_behind_the_log_is_told_everything(runtime, clock):
    seen = numbers(runtime)[3]
    clock.advance(2 * 86400)
    trimming.trim(runtime)
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(90)], now=clock.now())
    with runtime.store.reading() as tx:
        newest = changelog.last(tx)
        assert changelog.since(tx, seen) == {EVERYTHING: newest}
        assert changelog.since(tx, 0) == {EVERYTHING: newest}


def test_a_reader_that_is_up_to_date_is_told_only_what_is_new(runtime, clock):
    seen = numbers(runtime)[-1]
    clock.advance(2 * 86400)
    trimming.trim(runtime)
    (new,) = changed(runtime, clock.now())
    with runtime.store.reading() as tx:
        assert changelog.since(tx, seen) == {"author:0": new}


def test_a_log_that_a_jumping_clock_wrote_is_forgotten_from_its_front_only(bare):
    """A gap within it would be invisible to a reader that stands before it."""
    kept = changed(bare, NOW + 30 * DAY, NOW - 2 * DAY, NOW)
    trimming.trim(bare)
    assert set(kept) <= set(numbers(bare))


@pytest.fixture
def polled(bare):
    """Two sources of which one was polled 130 times long ago, the other 60; each poll decided a fate."""
    with bare.store.writing() as tx:
        found = sorted(tx.execute(select(sources.c.id)).scalars())[:2]
        for source, times in zip(found, (130, 60), strict=True):
            entry = tx.execute(
                insert(entries)
                .values(
                    source_id=source, key="a", key_kind="id", alias="a", markup=packed("<entry/>"),
                    raw_digest="", content_digest="", verdict="imported", first_seen=NOW, last_changed=NOW,
                )
                .returning(entries.c.id)
            ).scalar_one()  # fmt: skip
            for number in range(times):
                at = NOW - timedelta(days=365) + timedelta(hours=number)
                poll = tx.execute(
                    insert(polls)
                    .values(source_id=source, at=at, fence=1, url="", result="unchanged", next_at=at)
                    .returning(polls.c.id)
                ).scalar_one()  # fmt: skip
                values = {"entry_id": entry, "poll_id": poll, "at": at, "verdict": "imported"}
                tx.execute(insert(fates).values(values))
    return found


def test_old_polls_are_forgotten_but_the_latest_fifty_of_each_source(bare, polled):
    trimming.trim(bare)
    with bare.store.reading() as tx:
        for source in polled:
            left = tx.execute(select(polls.c.at).where(polls.c.source_id == source)).scalars().all()
            assert len(left) == trimming.LATEST_POLLS
            everything = select(func.max(polls.c.at)).where(polls.c.source_id == source)
            assert max(left) == tx.execute(everything).scalar_one()
        rows = tx.execute(select(fates.c.poll_id)).scalars().all()
    assert len(rows) == 2 * trimming.LATEST_POLLS  # each of one entry
    assert sum(it is not None for it in rows) == 2 * trimming.LATEST_POLLS


def test_polls_of_the_last_ninety_days_stay(bare, polled, clock):
    clock.advance(-280 * 86400)
    trimming.trim(bare)
    with bare.store.reading() as tx:
        assert tx.execute(select(func.count()).select_from(polls)).scalar_one() == 190


def test_heads_go_that_no_entry_names(lantern):
    def heads_kept() -> int:
        trimming.trim(lantern.runtime)
        with lantern.runtime.store.reading() as tx:
            return len(tx.execute(select(heads.c.id)).all())

    lantern.says_and_is_polled(entry(1), entry(2))
    assert heads_kept() == 1
    for number in range(3):
        head = f"<title>The Lantern, edition {number}</title>".encode()
        changed = document(entry(1, title=f"Story 1, again {number}"), entry(2))
        lantern.serves(changed.replace(b"<title>The Lantern</title>", head, 1))
        assert lantern.poll().edited == 1
        assert heads_kept() <= 2
    assert lantern.article(1).title == "Story 1, again 2"
    assert not reapplying.reapply(lantern.runtime, "lantern", save=False).unread


def test_nothing_more_is_forgotten_when_the_process_ends(bare):
    changed(bare, *[NOW - 2 * DAY] * 5)
    before = numbers(bare)
    bare.stopping.set()
    trimming.trim(bare)
    assert numbers(bare) == before


def test_the_log_of_sqlite_is_emptied_unless_somebody_reads(runtime):
    path = runtime.store.sqlite_path
    if path is None:
        tasks.checkpoint(Current(runtime))
        return
    log = path.with_name(path.name + "-wal")
    with runtime.store.reading() as tx:
        changelog.last(tx)
        with runtime.store.writing() as other:
            articles.save(other, [newsroom.article(90)], now=NOW)
        tasks.checkpoint(Current(runtime))
        assert log.stat().st_size > 0
    tasks.checkpoint(Current(runtime))
    assert log.stat().st_size == 0
