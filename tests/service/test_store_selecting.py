"""Selections of few and of many articles: the same answers, and no more work as the archive grows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from benchmarks.newsroom import Newsroom, fill
from service.model import Selection, Term
from service.store import articles, people
from service.store.tallying import Portion
from tests.newsroom import NOW

SIZE = 800
MOST = {
    "sqlite": 2 * SIZE,
    "postgresql": SIZE // 2,
}  # steps and rows; an article takes several steps
NEWSROOM = Newsroom(size=SIZE, authors=370, themes=3, regions=32, reports=21)
THEME = Term("theme", ("theme-1",))  # of a third of all
REGION = Term("region", ("region-5",))  # of few
AUTHOR = Term("author", ("author-7",))
SELECTIONS = {
    "everything": (),
    "many": (THEME,),
    "few": (REGION,),
    "an author": (AUTHOR,),
    "any of two": (Term("theme", ("theme-1", "theme-2")),),
    "few of many": (THEME, REGION),
    "many without few": (THEME, Term("region", ("region-5",), negated=True)),
    "few without many": (REGION, Term("theme", ("theme-1",), negated=True)),
    "few without few": (REGION, Term("author", ("author-7",), negated=True)),
    "without many": (Term("theme", ("theme-1",), negated=True),),
    "nothing": (Term("theme", ("no-such-theme",)),),
    "without nothing": (Term("theme", ("no-such-theme",), negated=True),),
}


@pytest.fixture
def archive(bare):
    """A store with an archive, about which PostgreSQL knows what it would know after a while."""
    fill(bare.store, NEWSROOM)
    if not bare.store.is_sqlite:
        with bare.store.writing() as tx:
            tx.execute(text("ANALYZE"))
    return bare.store


def meets(article, term: Term) -> bool:
    slugs = {it.slug for it in article.categories if it.scheme == term.field}
    if term.field == "author":
        slugs = {it.slug for it in article.authors}
    return slugs.isdisjoint(term.slugs) is term.negated


def test_few_and_many_are_selected_alike_and_at_the_same_work(archive):
    """One test, as it takes seconds to fill an archive."""
    selected_alike(archive)
    for terms in ((), (THEME,), (AUTHOR,)):
        worked_alike(archive, Selection(terms))
    portions(archive)


def selected_alike(archive):
    with archive.reading() as tx:
        everything = articles.select(tx, Selection(), limit=SIZE)
        assert len(everything) == SIZE
        for name, terms in SELECTIONS.items():
            wanted = [it for it in everything if all(meets(it, term) for term in terms)]
            found = articles.select(tx, Selection(terms), limit=20)
            assert found == wanted[:20], name
            assert articles.select(tx, Selection(terms), limit=5, offset=3) == wanted[3:8], name
            assert articles.count(tx, Selection(terms)) == len(wanted), name


def worked_alike(archive, selection):
    with archive.reading() as tx:
        for ask in (
            lambda: articles.next_change(tx, selection),
            lambda: articles.withdrawn(tx, selection, since=NOW, limit=50),
            lambda: articles.select(tx, selection, limit=5),
        ):
            assert work(tx, ask) < MOST[tx.dialect.name], selection


def work(tx, ask) -> int:
    """Steps of SQLite's engine, or articles that PostgreSQL has read."""
    if tx.dialect.name == "postgresql":
        before = _rows_read(tx)
        ask()
        return _rows_read(tx) - before
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection = tx.connection.driver_connection
    connection.set_progress_handler(step, 1)
    try:
        ask()
    finally:
        connection.set_progress_handler(None, 1)
    return steps


def _rows_read(tx) -> int:
    query = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'articles'"
    )
    return int(tx.execute(text(query)).scalar_one())


def portions(archive):
    with archive.reading() as tx:
        everybody = people.listed(tx)
        assert people.number(tx) == len(everybody)
        assert people.listed(tx, Portion(7, offset=5)) == everybody[5:12]
        commonest = people.listed(tx, Portion(9, is_commonest=True))
    assert commonest == [it for it in everybody if it in commonest]
    least = min(it.articles for it in commonest)
    assert sum(it.articles > least for it in everybody) < 9
