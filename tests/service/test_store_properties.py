"""Any selection of any small newsroom is what a plain look at every article finds; so is any search."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from service import words
from service.model import Article, Author, Category, Contributor, Selection, Status, Term
from service.store import (
    articles,
    merging,
    people,
    schema,
    searching,
    shelving,
    texts,
    walking,
)
from service.words import signed, spoken
from tests import newsroom
from tests.feeds.strategies import structs
from tests.newsroom import ADA, NOW

AUTHORS = [Author(name=f"Writer {letter}") for letter in "ABCD"]
CATEGORIES = [Category(scheme=scheme, slug=f"{scheme}-{n}", label=f"{scheme} {n}")
              for scheme in ("theme", "region") for n in range(3)]  # fmt: skip
SLUGS = {
    "author": [f"writer-{letter}" for letter in "abcd"],
    "theme": [f"theme-{n}" for n in range(3)] + ["unheard-of"],
    "region": [f"region-{n}" for n in range(3)],
    "source": ["lantern", "unclear"],
    "language": ["en", "pt", "pt-br", "ar"],
}
WORDS = ("tide", "Énergie", "water", "solar power", "Lantern")

pieces = st.builds(
    newsroom.article,
    number=st.integers(0, 4),  # so that many are of the same moment
    authors=st.lists(st.sampled_from(AUTHORS), max_size=3, unique_by=lambda it: it.name).map(tuple),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=4, unique_by=lambda it: it.slug).map(
        tuple
    ),
    source=st.sampled_from([None, None, "lantern", "unclear"]),
    language=st.sampled_from([None, None, "en-GB", "pt-BR", "pt", "ar", "?"]),
    status=st.sampled_from(
        [*[Status.PUBLISHED] * 4, Status.DRAFT, Status.SCHEDULED, Status.RETRACTED]
    ),
    expires=st.sampled_from([None, None, NOW + timedelta(days=1), NOW + timedelta(days=2)]),
    summary=st.sampled_from(WORDS),
)
terms = st.sampled_from(sorted(SLUGS)).flatmap(
    lambda field: structs(
        Term,
        st.just(field),
        st.lists(st.sampled_from(SLUGS[field]), min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
    )
)
combinations = st.lists(terms, max_size=3).map(tuple).map(Selection)
typed = st.lists(
    st.tuples(
        st.sampled_from(["", "-"]),
        st.sampled_from(["tide", "ENERGIE", '"solar power"', "power", "writer"]),
    ),
    min_size=1,
    max_size=3,
).map(lambda parts: " ".join(map("".join, parts)))
searches = typed.map(lambda it: Selection(query=str(words.query(it))))


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small limits, so that every way of finding answers is gone with few articles."""
    monkeypatch.setattr(searching, "COUNTED", 2)
    monkeypatch.setattr(searching, "_FEW", 3)
    monkeypatch.setattr(searching, "_BATCH", 2)
    monkeypatch.setattr(searching, "_PATIENCE", 4)
    monkeypatch.setattr(texts, "_NEAR", 1)
    monkeypatch.setattr(walking, "_MOST_AT_ONCE", 4)


@given(st.lists(pieces, min_size=1, max_size=25), st.data())
@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_what_is_found_is_what_is_meant(bare, narrow, drawn, data):
    """After each article was edited once."""
    written = [replace(it, guid=f"tag:gazette.example,2026:{uuid4().hex}") for it in drawn]
    with bare.store.writing() as tx:
        drafts = [_before_retraction(it) for it in written]
        first = [replace(it, title="Tide", categories=(), expires=None) for it in drafts]
        articles.save(tx, first, now=NOW)
        saved = articles.save(tx, drafts, now=NOW)
        for it, piece in zip(saved, written, strict=True):
            if piece.status is Status.RETRACTED:
                articles.retract(tx, it.id, reason="Wrong", now=NOW + timedelta(seconds=it.id % 3))
    with bare.store.reading() as tx:
        everything = _all(tx)
        for wanted in data.draw(st.lists(combinations | searches, min_size=15, max_size=15)):
            _compare(
                tx, wanted, everything, data.draw(st.integers(1, 8)), data.draw(st.integers(0, 5))
            )


def _all(tx) -> list[Article]:
    """All that earlier examples have left in the database, too."""
    return articles.of(tx, list(tx.execute(select(schema.articles.c.id)).scalars()))


def _before_retraction(it: Article) -> Article:
    return replace(it, status=Status.PUBLISHED) if it.status is Status.RETRACTED else it


def _compare(tx, wanted: Selection, everything: list[Article], limit: int, offset: int) -> None:
    meant = [it for it in everything if _is_meant(it, wanted)]
    shown = [it for it in meant if it.status is Status.PUBLISHED]
    shown.sort(key=lambda it: (-it.published.timestamp(), it.id))
    most = len(shown) if wanted.query is None else 3  # the limit of `narrow`, and one
    assert articles.count(tx, wanted) == min(len(shown), most), wanted
    found = articles.newest(tx, wanted, limit=limit, offset=offset)
    assert found == [it.id for it in shown[offset : offset + limit]], wanted
    gone = [it for it in meant if it.status is Status.RETRACTED]
    gone.sort(key=lambda it: (-it.retracted.timestamp(), it.id))
    since = NOW - timedelta(days=1)
    found = articles.withdrawn(tx, wanted, since=since, limit=limit)
    assert found == [it.id for it in gone[:limit]], wanted
    moments = [it.published for it in meant if it.status is Status.SCHEDULED]
    moments += [it.expires for it in shown if it.expires]
    assert articles.next_change(tx, wanted) == min(moments, default=None), wanted


def _is_meant(it: Article, wanted: Selection) -> bool:
    if wanted.query is not None:
        asked = words.query(wanted.query)
        told = signed(spoken(it.title, it.summary, it.content), [who.name for who in it.authors])
        said = f" {' '.join(told.split())} "
        return all(f" {' '.join(phrase)} " in said for phrase in asked.wanted) and not any(
            f" {' '.join(phrase)} " in said for phrase in asked.refused
        )
    return all(_has(it, term).isdisjoint(term.slugs) is term.negated for term in wanted.terms)


def _has(it: Article, term: Term) -> set[str]:
    if term.field == "language":  # of the test newsroom: English
        tag = (it.language or "").lower()
        return {"en"} if tag in ("", "?") else {tag, tag.partition("-")[0]}
    if term.field == "author":
        return {str(who.slug) for who in it.authors}
    if term.field == "source":
        return {str(it.source)}
    return {filed.slug for filed in it.categories if filed.scheme == term.field}


@given(st.lists(pieces, min_size=1, max_size=8))
@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_new_article_stands_where_its_rows_tell(bare, drawn):
    """Also one whose author stands for another, or is credited in two roles."""
    alias, name = Author(name="A. Writer"), Author(name="Anna Writer", slug="anna")
    with bare.store.writing() as tx:
        for who in (alias, name):
            people.ensure(tx, who, NOW)
        one, into = people.at(tx, "a-writer"), people.at(tx, "anna")
        if one.id != into.id:  # in the first example
            merging.merge(tx, one, into, NOW)
        drafts = [
            replace(
                _before_retraction(it),
                guid=f"tag:gazette.example,2026:{uuid4().hex}",
                authors=(*it.authors, alias),
                contributors=tuple(Contributor(author=ADA, role=it) for it in ("author", "editor")),
            )
            for it in drawn
        ]
        for saved in articles.save(tx, drafts, now=NOW):
            told = shelving.stands(tx, [saved.id])[saved.id].spots()
            assert told == _stands(tx, saved.id)
            if saved.status is Status.PUBLISHED:
                assert (f"author:{into.id}", shelving.State.PUBLISHED) in told


def _stands(tx, number: int) -> dict[tuple[str, shelving.State], int]:
    query = (
        select(schema.shelves.c.scope, schema.shelves.c.state, schema.places.c.rank)
        .join(schema.places, schema.places.c.shelf_id == schema.shelves.c.id)
        .where(schema.places.c.article_id == number)
    )
    return {(row.scope, shelving.State(row.state)): row.rank for row in tx.execute(query)}
