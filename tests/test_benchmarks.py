"""The benchmarks run and tell what they found; with numbers this small, what they find means nothing."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import growth, stock
from benchmarks import newsroom as newsrooms
from benchmarks.archive import Archive
from benchmarks.measuring import Comparison, Figures, Options, Unit
from benchmarks.newsroom import Newsroom
from benchmarks.results import page, results
from feeds.model import Format
from service import newsroom, publish
from service import runtime as running
from service.model import ALL
from service.store import articles

pytestmark = pytest.mark.long(20)

SMALL = Newsroom(size=60, authors=7, themes=2, regions=2, reports=2)


def _run(suite: str, *options: str) -> list[dict]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--json", "--only", suite, *options],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    (found,) = json.loads(ran.stdout)
    comparisons: list[dict] = found["comparisons"]
    return comparisons


@pytest.mark.needs("wrk")
@pytest.mark.needs("nginx")
def test_one_hot_feed_is_held_against_a_bare_callable_and_nginx():
    ran = _run("serving", "--rounds", "1", "--seconds", "0.2", "--workers", "1")

    found = {it["what"]: it for it in ran}
    assert found["one hot feed, 200 gzip"]["ours"]["median"] > 0
    assert found["one hot feed, 304"]["theirs"]["name"] == "nginx"
    assert 0 < found["one hot feed: PSS of a web worker"]["ours"]["median"] < 1000


def test_polling_is_held_against_other_readers():
    found = _run("polling", "--rounds", "1", "--hosts", "5", "--entries", "3", "--sources", "50")

    against = [it["theirs"]["name"] for it in found if it["theirs"]]
    assert against == ["reader", "feedparser"] * 3 + ["5 sources"]


def test_a_newsroom_filled_in_bulk_is_as_one_that_was_saved(bare):
    newsrooms.fill(bare.store, SMALL)
    selection = publish.parse(bare.config, "author/author-3")

    with bare.store.reading() as tx:
        found = articles.select(tx, selection, limit=100)
    mine = [SMALL.article(number) for number in range(60)]
    mine = [it for it in mine if "Author 3" in {author.name for author in it.authors}]
    assert [it.title for it in found] == [it.title for it in reversed(mine)]
    assert [it.content for it in found] == [it.content for it in reversed(mine)]
    shown = publish.rendered(bare, selection, Format.ATOM).body.count(b"<entry")
    assert shown == len(mine)  # no archive holds any of them yet


def test_after_a_bulk_the_newsroom_writes_on(bare):
    newsrooms.fill(bare.store, SMALL)

    saved = newsroom.write(bare, SMALL.article(60))

    with bare.store.reading() as tx:
        (newest,) = articles.select(tx, publish.parse(bare.config, ALL), limit=1)
    assert (saved.id, newest.id) == (61, 61)


def test_the_same_parameters_make_the_same_newsroom():
    again = Newsroom(size=60, authors=7, themes=2, regions=2, reports=2)

    assert again.article(5) == SMALL.article(5)
    assert again.paths(20) == SMALL.paths(20)
    assert SMALL.article(6).published - SMALL.article(5).published == timedelta(minutes=7)


def test_an_archive_is_built_once(tmp_path):
    small = Archive(size=120, authors=9, themes=9, regions=3, reports=3)
    options = Options(archives=str(tmp_path))
    with running.opened(stock.on_sqlite(tmp_path, options, small)) as held:
        found = growth.measured(held, small, 1)
    with (
        running.opened(stock.on_sqlite(tmp_path, options, small)) as held,
        held.store.reading() as tx,
    ):
        kept = articles.count(tx, publish.parse(held.config, ALL))

    assert all(time > 0 for times in found.values() for time in times)
    assert kept == 140  # with the twenty that the round has saved


def test_a_missed_target_is_told():
    slow = Comparison(
        "a feed",
        Unit.PER_SECOND,
        Figures("feedwright", (50.0, 40.0, 60.0)),
        Figures("nginx", (100.0,)),
        least=0.8,
    )

    told = page([results("serving", "Serving", Options(), [slow])])

    assert (
        "| a feed | 50 requests/s |  | nginx | 100 requests/s |  | 0.50 | ≥ 0.8, **missed** |"
        in told
    )
    assert Comparison.of_json(json.loads(json.dumps(slow.as_json()))) == slow
