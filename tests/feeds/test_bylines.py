"""Bylines are parted into the people they name, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.bylines import split


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Jane Doe, Max Vey and Reuters", ["Jane Doe", "Max Vey", "Reuters"]),
        ("Jane Doe, and Max Vey", ["Jane Doe", "Max Vey"]),
        ("WRITTEN BY: JANE DOE & MAX VEY", ["JANE DOE", "MAX VEY"]),
        ("Martin King, Jr. and Jane Doe, PhD", ["Martin King, Jr.", "Jane Doe, PhD"]),
        (
            "Ludwig van Beethoven; Ahmed al-Rashid / Mary O'Brien",
            ["Ludwig van Beethoven", "Ahmed al-Rashid", "Mary O'Brien"],
        ),
        ("Jane A. Doe with Jean-Luc de la Cruz", ["Jane A. Doe", "Jean-Luc de la Cruz"]),
        ("J.R.R. Tolkien and C. S. Lewis", ["J.R.R. Tolkien", "C. S. Lewis"]),
        ("Анна Петрова и Иван Сидоров", ["Анна Петрова", "Иван Сидоров"]),
        ("أحمد علي و محمد حسن", ["أحمد علي", "محمد حسن"]),
        ("王小明、李娜", ["王小明", "李娜"]),
        ("Jane Doe, The Lantern", ["Jane Doe", "The Lantern"]),
        ("By the lantern", ["the lantern"]),
        ("Jane Doe, Jane Doe", ["Jane Doe"]),
    ],
)
def test_people_are_told_apart(byline, names):
    assert list(split(byline, known=frozenset({"the lantern"}))) == names


@pytest.mark.parametrize(
    ("byline", "language", "names"),
    [
        ("Von Anna Schmidt und Max Weber", "de-AT", ["Anna Schmidt", "Max Weber"]),
        ("Por Ana Sá e João Gil", "pt", ["Ana Sá", "João Gil"]),
        ("Par Léa Roy et Luc Bé", "fr", ["Léa Roy", "Luc Bé"]),
        ("A cura di Ada Neri", "it", ["Ada Neri"]),
        ("Von Anna Schmidt", "en", ["Von Anna Schmidt"]),
    ],
)
def test_by_is_said_in_the_entrys_language(byline, language, names):
    assert list(split(byline, language=language)) == names


@pytest.mark.parametrize(
    "byline",
    [
        "Institute for War and Peace Reporting",
        "Food and Agriculture Organization",
        "José Ortega y Gasset",
        "Doe, Jane",
        "Jane and John Doe",
        "Smith & Sons",
        "Von Trapp",
        "By Design Magazine",
        "Jane Doe, Health Correspondent",
        "jane doe and max vey",
        "https://a.example/, https://b.example/",
        "",
    ],
)
def test_what_is_no_list_of_people_stays_whole(byline):
    assert split(byline) == (byline,)


WORD = st.text("abcdefgéñøßž", min_size=2, max_size=7).map(str.capitalize)
PERSON = st.lists(WORD, min_size=2, max_size=3).map(" ".join)


@settings(max_examples=40)
@given(
    people=st.lists(PERSON, min_size=1, max_size=5, unique_by=str.casefold),
    prefix=st.sampled_from(["", "By ", "BY: ", "Written by "]),
    joint=st.sampled_from([", ", "; ", " and ", " & ", " | "]),
    last=st.sampled_from([", and ", " and ", ", ", " und "]),
)
def test_people_that_are_joined_are_parted_again(people, prefix, joint, last):
    *firsts, final = people
    byline = prefix + (joint.join(firsts) + last if firsts else "") + final
    assert list(split(byline)) == people


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_whatever_it_says_it_names_somebody_and_is_parted_once(byline):
    names = split(byline)
    assert names
    assert [again for name in names for again in split(name)] == list(names)
    assert all(name in " ".join(byline.split()) for name in names if ", " not in name)
