"""Partners are told how many read what we republish of them, and nothing else about who reads."""

from __future__ import annotations

from datetime import timedelta

from service.audience import Counts
from service.care import trimming
from service.store import audience
from tests.newsroom import NOW
from tests.service.lantern import Lantern, entry

DAY = timedelta(days=1)


def read(lantern: Lantern, *, days_ago: int, feed: str = "source/lantern.atom", **told: int):
    """Readers on that day: by aggregators as they tell, or each for themselves."""
    counts = Counts(())
    alone = told.pop("alone", 0)
    notes = [(f"/feeds/{feed}", f"{it}/1 ({n} subscribers)", "", "", 9) for it, n in told.items()]
    notes += [(f"/feeds/{feed}", f"reader {n}", "198.51.100.7", "", 9) for n in range(alone)]
    counts.add(notes, b"salt")
    with lantern.runtime.store.writing() as tx:
        audience.add(tx, (NOW - days_ago * DAY).date(), counts.taken())


def agent(lantern: Lantern) -> str:
    """What the partner's server is told by the next poll; hours pass before it."""
    lantern.clock.advance(6 * 3600)
    lantern.says(entry(1))
    lantern.poll()
    found: str = lantern.requests()[-1].headers["User-Agent"]
    return found


def test_readers_of_all_formats_and_aggregators_are_told_together(lantern):
    read(lantern, days_ago=1, Feedly=30, Feedbin=4)
    read(lantern, days_ago=1, feed="source/lantern.rss", Feedly=8, alone=3)
    trimming.trim(lantern.runtime)
    told = agent(lantern)
    assert told.startswith("feedwright/")
    assert told.endswith("; 45 subscribers)")


def test_what_a_day_brings_is_told_when_it_is_over(lantern):
    read(lantern, days_ago=3, Feedly=5)
    read(lantern, days_ago=2, Feedly=6)
    read(lantern, days_ago=0, Feedly=99, alone=1)
    assert agent(lantern).endswith("; 6 subscribers)")
    lantern.clock.advance(DAY.total_seconds())
    assert agent(lantern).endswith("; 99 subscribers)")
    trimming.trim(lantern.runtime)
    assert agent(lantern).endswith("; 100 subscribers)")


def test_readers_of_other_feeds_are_nobodys(lantern):
    others = ("all.atom", "source/unclear.atom", "source/lantern,unclear.atom")
    for feed in (*others, "source/lantern/not/theme/water.rss"):
        read(lantern, days_ago=1, feed=feed, Feedly=5)
    assert "subscribers" not in agent(lantern)


def test_readers_of_last_week_are_forgotten(lantern):
    read(lantern, days_ago=9, Feedly=5)
    assert "subscribers" not in agent(lantern)


def test_who_counts_nobody_tells_nobody(lantern):
    lantern.rewrite(f"{lantern.file.read_text(encoding='utf-8')}\n[server]\nstatistics = false\n")
    read(lantern, days_ago=1, Feedly=5)
    assert "subscribers" not in agent(lantern)


def test_numbers_are_looked_up_once_in_hours_for_all(lantern):
    read(lantern, days_ago=1, Feedly=5)
    assert agent(lantern).endswith("; 5 subscribers)")
    read(lantern, days_ago=1, Feedly=7)
    lantern.clock.advance(3600)
    lantern.poll()
    assert lantern.requests()[-1].headers["User-Agent"].endswith("; 5 subscribers)")
    assert agent(lantern).endswith("; 7 subscribers)")
