"""What people type becomes words and phrases; whatever it is, it has one spelling."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.words import LONGEST, query, spoken, words

SPELLINGS = {
    "Énergie  SOLAIRE": "energie solaire",
    "solar Solar power": "power solar",
    '"solar power" wind': '"solar power" wind',
    "“Solar Power”": '"solar power"',
    '"unfinished phrase': '"unfinished phrase"',
    "co-operation": '"co operation"',
    "wind -nuclear": "wind -nuclear",
    'wind -"solar power"': 'wind -"solar power"',
    "-nuclear wind": "wind -nuclear",
    "-nuclear": "-nuclear",
    "東京 news": 'news "東 京"',
    "Straße Łódź Ærø": "aero lodz strasse",
    "Việt नदी مُحَمَّد": "viet محمد नद",
    "wind OR (NEAR/2) * ^col:x": '"col x" "near 2" or wind',
    "2026 1.5": '"1 5" 2026',
}


@pytest.mark.parametrize(("typed", "canonical"), SPELLINGS.items())
def test_a_query_has_one_spelling(typed, canonical):
    assert str(query(typed)) == canonical
    assert query(canonical) == query(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-",
        '""',
        '-""',
        "?!",
        "a" * (LONGEST + 1),
        "a1 " * 9 + " ".join(f"b{n}" for n in range(16)),
    ],
)
def test_what_asks_for_nothing_or_too_much_is_no_query(typed):
    assert query(typed) is None


@given(st.text(max_size=60))
def test_no_text_is_an_error(typed):
    found = query(typed)
    if found is not None:
        assert query(str(found)) == found


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_through_ascii_finds_the_same(typed):
    assert [*words(typed), "e"] == words(f"{typed} é")


PIECES = st.sampled_from(["a", "B", " ", "-", "é", "x" * 58, "y" * 60])


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_is_said_is_its_words(said):
    """However long they are: words beyond 60 characters are cut."""
    whole = re.findall("[a-z]+", said.lower().replace("é", "e"))
    assert words(said) == spoken(None, None, said).split() == [it[:60] for it in whole]


@given(st.text(max_size=60))
def test_words_are_made_of_words(typed):
    assert words(" ".join(words(typed))) == words(typed)
