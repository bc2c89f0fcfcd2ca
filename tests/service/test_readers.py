"""Numbers of readers in the database: right for several workers, and nothing in them names anybody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date

from sqlalchemy import select
from werkzeug.test import Client

from service.care import backups, trimming
from service.config import Config
from service.front import Front
from service.front.readers import MOST_NOTED, followed
from service.runtime import Runtime
from service.store import Store, audience, files
from service.store.schema import audiences, metadata

ATOM = "/feeds/theme/energy.atom"
ADDRESS = "198.51.100.23"
FORGED = "203.0.113.99"
DAY = 86_400  # seconds
AGENT = "Quay Reader/2.7"


def ask(front: Front, *, peer=ADDRESS, agent=AGENT, path=ATOM, **headers) -> int:
    told = {"User-Agent": agent, "X-Forwarded-For": FORGED, **headers}
    return Client(front).get(path, headers=told, environ_base={"REMOTE_ADDR": peer}).status_code


def counted(*fronts: Front) -> None:
    for front in fronts:
        front.readers.count()
        front.readers.save()


def days(runtime: Runtime, feed: str | None = None) -> list[audience.Day]:
    with runtime.store.reading() as tx:
        return audience.days(tx, date(2000, 1, 1), feed)


def test_numbers_of_several_workers_come_together(runtime, fronted):
    one, two = fronted(runtime), fronted(runtime)
    for number in range(30):
        ask(one, peer=f"198.51.100.{number}")
        ask(two, peer=f"198.51.100.{number + 15}")
    tag = Client(one).get(ATOM).headers["ETag"]
    assert ask(two, **{"If-None-Match": tag}) == 304
    ask(one, agent="Feedly/1.0 (9 subscribers)")
    counted(one, two)
    ask(two, agent="Feedly/1.0 (11 subscribers)")
    ask(one, agent="Feedbin feed-id:1 - 5 subscribers")
    ask(one, path="/feeds/theme/nowhere.atom")
    ask(one, path="/")
    counted(one, two, one)
    (found,) = days(runtime)
    assert (found.feed, found.requests, found.unchanged) == (ATOM, 65, 1)
    assert abs(found.readers - 46) <= 2  # 45 addresses, and the client that asked for the tag
    assert found.subscribers == 16
    assert found.bytes > 60 * 1000
    with runtime.store.reading() as tx:
        told = audience.aggregators(tx, found.day, ATOM)
    assert [(it.name, it.subscribers) for it in told] == [("Feedly", 11), ("Feedbin", 5)]


def test_who_reads_is_nowhere(runtime, fronted, capfd, tmp_path):
    front = fronted(runtime)
    for _ in range(3):
        ask(front)
    with followed(front.readers):
        ask(front)
    everything = [capfd.readouterr(), *_texts(runtime)]
    backup = tmp_path / "backup.db"
    backups.backup(runtime.config, backup, replace=False, watch=lambda *_: None)
    everything.append(backup.read_bytes().decode("latin-1"))
    assert days(runtime)[0].readers == 1
    for secret in (ADDRESS, FORGED, AGENT, "Quay Reader"):
        assert secret not in str(everything)
    with files.opened(backup, "immutable=1") as copy:
        ((salt,),) = copy.execute("SELECT value FROM meta WHERE key = ?", (audience.SALT,))
    assert salt == ""


def _texts(runtime: Runtime) -> list[str]:
    with runtime.store.reading() as tx:
        return [str(row) for table in metadata.sorted_tables for row in tx.execute(select(table))]


def test_the_salt_is_gone_the_next_day_and_numbers_stay(runtime, fronted, clock):
    front = fronted(runtime)
    today = clock.now().date()
    ask(front)
    counted(front)
    with runtime.store.reading() as tx:
        first = audience.salt(tx, today)
    assert first is not None
    clock.advance(DAY)
    trimming.trim(runtime)
    assert first.hex() not in str(_texts(runtime))
    with runtime.store.reading() as tx:
        assert audience.salt(tx, today) is None
        assert tx.execute(select(audiences.c.sketch)).scalars().all() == [None]
    ask(front)
    counted(front)
    with runtime.store.reading() as tx:
        second = audience.salt(tx, clock.now().date())
    assert second not in (None, first)
    assert [(it.day, it.readers) for it in days(runtime)] == [(today, 1), (clock.now().date(), 1)]
    clock.advance(runtime.config.server.statistics_kept.total_seconds() + DAY)
    trimming.trim(runtime)
    assert [it.day for it in days(runtime)] == []


def test_the_bound_of_a_day(runtime, monkeypatch, fronted):
    monkeypatch.setattr(audience, "MOST_FEEDS", 1)
    front = fronted(runtime)
    for path in (ATOM, "/feeds/all.atom", "/feeds/all.rss"):
        ask(front, path=path)
        counted(front)
    assert [(it.feed, it.requests) for it in days(runtime)] == [("", 2), (ATOM, 1)]


def test_a_flood_between_two_looks_takes_no_memory(runtime, fronted):
    front = fronted(runtime)
    for number in range(MOST_NOTED + 10):
        front.readers.note(ATOM, {"HTTP_USER_AGENT": "x" * 10_000}, number)
    counted(front)
    assert days(runtime)[0].requests == MOST_NOTED


def test_a_database_that_cannot_be_written_costs_numbers_and_no_answer(runtime, fronted):
    front = fronted(runtime)
    assert ask(front) == 200
    if runtime.store.is_sqlite:
        with closing(Store(runtime.store.url)) as other, other.writing():
            front.readers.count()
        assert ask(front) == 200


def test_it_can_be_switched_off(configure: Callable[..., Config], runtime, fronted):
    config = configure(("[fetch]", "[server]\nstatistics = false\n\n[fetch]"))
    front = fronted(Runtime(config, runtime.store, runtime.fetcher, runtime.parser, runtime.clock))
    assert ask(front) == 200
    counted(front)
    assert days(runtime) == []
