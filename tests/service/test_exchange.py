"""Web workers take each other's answers over, and never one that a commit has made stale."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace
from werkzeug.test import Client

from service.front import Front
from service.front.exchange import Exchange
from service.front.kept import Kept, Origin
from service.runtime import Current
from service.store import Store, articles
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.serving import until

ATOM = "/feeds/theme/energy.atom"


@pytest.fixture
def fronts(runtime, tmp_path: Path):
    """Two workers of one service."""
    folder = tmp_path / "exchange"
    folder.mkdir()
    made = []
    for _ in range(2):
        current = Current(runtime)
        made.append(Front(create_app(current), current, Exchange(folder, 64_000_000)))
    yield made
    for front in made:
        front.close()


def edit(runtime, title: str) -> None:
    other = Store(runtime.store.url)
    with other.writing() as tx:
        articles.save(tx, [replace(newsroom.everything(), title=title)], now=NOW)
    other.close()


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_one_has_made_the_other_takes_over(fronts, renderings, coding):
    one, two = (Client(front).get(ATOM, headers={"Accept-Encoding": coding}) for front in fronts)
    assert (one.data, dict(one.headers)) == (two.data, dict(two.headers))
    assert len(renderings) == 1
    assert fronts[1].tallies.total().taken_over == 1


def test_nothing_stale_is_taken_over(fronts, runtime, renderings):
    first, second = map(Client, fronts)
    first.get(ATOM)
    edit(runtime, "Tides, corrected")
    assert "Tides, corrected" in second.get(ATOM).text
    assert len(renderings) == 2
    until(lambda: "Tides, corrected" in first.get(ATOM).text, seconds=1)
    assert len(renderings) == 2


def test_what_is_due_is_not_taken_over(fronts, clock, renderings):
    first, second = map(Client, fronts)
    first.get(ATOM)
    clock.advance(3600)
    assert "/article-14" in second.get(ATOM).text
    assert fronts[1].tallies.total().taken_over == 0


@pytest.mark.parametrize("damage", [b"", b"x", b"[1]\n", b'["a", 1, {}]\n', b"cut"])
def test_what_is_damaged_is_made_anew(fronts, renderings, tmp_path, damage):
    first, second = map(Client, fronts)
    expected = first.get(ATOM).data
    (file,) = (tmp_path / "exchange").iterdir()
    file.write_bytes(file.read_bytes()[:-9] if damage == b"cut" else damage)
    assert second.get(ATOM).data == expected
    assert len(renderings) == 2


def test_without_room_each_makes_its_own(fronts, renderings, tmp_path):
    (tmp_path / "exchange").rmdir()
    assert {Client(front).get(ATOM).status_code for front in fronts} == {200}
    assert len(renderings) == 2


def test_who_asks_two_workers_at_once_has_one_of_them_work(fronts, renderings):
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(Client(fronts[number % 2]).get, ATOM) for number in range(8)]
        assert len({it.result().data for it in asked}) == 1
    assert len(renderings) == 1


def answer(path: str) -> Kept:
    return Kept(
        Origin(
            scopes=["all"],
            change=1,
            good_until=None,
            fresh=300,
            etag=path,
            last_modified=NOW,
            media_type="application/atom+xml",
            headers=[],
        ),
        path.encode(),
    )


def test_no_two_addresses_share_a_file_and_of_many_the_last_stay(tmp_path):
    exchange = Exchange(tmp_path, 0)
    paths = [f"/feeds/author/number-{number}.atom" for number in range(1200)]
    for path in paths:
        with exchange.slot(path, "maker") as slot:
            slot.write(answer(path))

    def left(path: str) -> bytes | None:
        with exchange.slot(path, "maker") as slot:
            kept = slot.read()
        return kept.written("").rpartition(b"\n")[2] if kept else None

    assert [left(it) for it in paths[-1000:]] == [it.encode() for it in paths[-1000:]]
    assert left(paths[0]) is None


def test_what_is_no_feed_leaves_no_file(fronts, tmp_path):
    for number in range(3):
        assert Client(fronts[0]).get(f"/feeds/theme/nothing-{number}.atom").status_code == 404
    assert not list((tmp_path / "exchange").iterdir())


def test_a_shorter_answer_takes_the_place_of_a_longer_one(tmp_path):
    exchange = Exchange(tmp_path, 0)
    with exchange.slot("/feeds/all.atom", "maker") as slot:
        for text in ("long" * 100, "short"):
            slot.write(answer(text))
            assert slot.read().written("").endswith(b"\n" + text.encode())
