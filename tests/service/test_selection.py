"""The language of feed addresses: what means the same has one spelling, what means nothing is told why."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.selection import MOST_SLUGS, Misspelt, Selection, Term, canonical, parse
from tests.feeds.strategies import structs

FIELDS = ("theme", "region", "author")
CANONICAL = {  # any spelling, and the one that it redirects to
    "all": "all",
    "theme/energy": "theme/energy",
    "region/islands/theme/energy": "theme/energy/region/islands",
    "theme/water,energy": "theme/energy,water",
    "theme/energy,energy": "theme/energy",
    "theme/energy/theme/energy": "theme/energy",
    "theme/water/theme/energy": "theme/energy/theme/water",
    "theme/energy,water/theme/energy": "theme/energy",
    "not/author/ada/theme/energy": "theme/energy/not/author/ada",
    "not/author/cleo/theme/energy/not/author/ada": "theme/energy/not/author/ada,cleo",
    "not/region/islands/not/theme/water": "not/theme/water/not/region/islands",
    "theme/energy/not/theme/energy": "theme/energy/not/theme/energy",
}
MEANINGLESS = {
    "": 'no field ""; there are: theme, region, author',
    "theme": 'followed by one or more slugs, such as "theme/a,b"',
    "theme/": "followed by",
    "theme/a,,b": "followed by",
    "theme/A": "followed by",
    "theme/a/b": 'no field "b"',
    "them/a": 'no field "them"; did you mean "theme"?',
    "not": 'no field ""',
    "not/not/theme/a": 'no field "not"',
    "not/all": 'no field "all"',
    "theme/a,b,c,d,e/not/theme/f,g,h,i": "more than 8 things",
    "theme/" + "a" * 1_000: "longer than 1000 characters",
}

slugs = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(tuple)
terms = structs(Term, st.sampled_from(FIELDS), slugs, st.booleans())
selections = st.lists(terms, max_size=4).map(tuple).map(Selection)


@pytest.mark.parametrize(("text", "path"), CANONICAL.items())
def test_one_spelling_is_canonical(text, path):
    assert parse(text, FIELDS).path == path
    assert parse(path, FIELDS).path == path


@pytest.mark.parametrize(("text", "reason"), MEANINGLESS.items())
def test_what_means_nothing_says_why(text, reason):
    with pytest.raises(Misspelt) as told:
        parse(text, FIELDS)
    assert reason in str(told.value)


def meets(article: dict[str, str], selection: Selection) -> bool:
    """Whether an article with a few letters in each field is meant."""
    return all(
        set(article[term.field]).isdisjoint(term.slugs) is term.negated for term in selection.terms
    )


articles = st.fixed_dictionaries({field: st.text("abcd", max_size=3) for field in FIELDS})


@given(selections, st.lists(articles, min_size=1, max_size=5))
def test_the_canonical_spelling_means_the_same(selection, written):
    tidy = canonical(selection, FIELDS)
    assert canonical(tidy, FIELDS) == tidy
    for article in written:
        assert meets(article, tidy) is meets(article, selection)


@given(selections)
def test_a_path_is_read_as_what_it_was_written_from(selection):
    tidy = canonical(selection, FIELDS)
    if sum(len(term.slugs) for term in tidy.terms) <= MOST_SLUGS:
        assert parse(tidy.path, FIELDS) == tidy


@given(st.text("/,-aénot", max_size=40))
def test_no_text_is_too_much(text):
    with suppress(Misspelt):
        assert parse(parse(text, FIELDS).path, FIELDS)
