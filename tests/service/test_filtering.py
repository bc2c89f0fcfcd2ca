"""Rules that let entries in or keep them out, and the language that they are written in."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Category, Entry, Feed, License, Media, Origin, Person
from service.config import Filter, SourceSettings
from service.config.values import ENTRY_FIELDS
from service.matching import BadPattern, Matcher, Seen
from service.rules.filtering import FIELDS, kept_out

HEAD = Feed(language="pt", rights="(c) The Lantern", authors=(Person("Desk"),))
ENTRY = Entry(
    id="tag:lantern.example,2020:1",
    title="Énergie: a harbour's BUY-NOW guide",
    link="https://lantern.example/ads/1",
    summary="In short",
    content="<p>Long <b>text</b> about water</p>",
    categories=(Category("Sponsored", label="Paid post"),),
    license=License("https://creativecommons.org/licenses/by/4.0/"),
    origin=Origin(title="The Beacon"),
    media=(Media("https://lantern.example/a.mp3", type="audio/mpeg"),),
)


def told(*, entry: Entry = ENTRY, include=(), exclude=()) -> str | None:
    source = SourceSettings(
        slug="lantern",
        url="https://lantern.example/feed",
        name="The Lantern",
        include=tuple(Filter(**it) for it in include),
        exclude=tuple(Filter(**it) for it in exclude),
    )
    return kept_out(entry, HEAD, source)


@pytest.mark.parametrize(
    "rule",
    [
        {"words": ("energie",)},
        {"words": ("nothing", "buy now")},
        {"words": ("water",)},
        {"fields": ("category",), "words": ("paid post",)},
        {"fields": ("category",), "globs": ("spon*",)},
        {"fields": ("link",), "globs": ("https://*/ADS/?",)},
        {"fields": ("title",), "patterns": ("(?i)buy.now",)},
        {"fields": ("id",), "patterns": ("2020:1$",)},
        {"fields": ("author",), "words": ("desk",)},
        {"fields": ("language",), "globs": ("pt",)},
        {"fields": ("license",), "patterns": ("/by/",)},
        {"fields": ("origin",), "words": ("beacon",)},
        {"fields": ("media",), "globs": ("audio/*",)},
        {"fields": ("summary", "content"), "words": ("in short",)},
    ],
)
def test_what_an_entry_has_is_found(rule):
    assert told(exclude=[rule]).startswith("exclude rule 1: its ")
    assert told(include=[rule]) is None


@pytest.mark.parametrize(
    "rule",
    [
        {"words": ("energ", "buy guide")},
        {"fields": ("title",), "words": ("water",)},
        {"fields": ("link",), "globs": ("https://lantern.example/ads",)},
        {"fields": ("title",), "patterns": ("buy",)},
        {"fields": ("rights",), "words": ("beacon",)},
    ],
)
def test_what_it_has_not_is_not(rule):
    assert told(exclude=[rule]) is None
    assert told(include=[rule]) == "no include rule lets it in: rule 1 found nothing"


def test_a_rule_is_told_by_its_name():
    ads = {"name": "ads", "words": ("buy now",)}
    assert told(exclude=[{"words": ("x",)}, ads]) == "exclude rule “ads”: its title has “buy now”"
    assert told(include=[{"words": ("x",)}, ads]) is None
    assert "rule 1 and “x”" in told(include=[{"words": ("x",)}, {"name": "x", "words": ("y",)}])


def test_exclusion_wins():
    rule = {"words": ("water",)}
    assert told(include=[rule], exclude=[rule]) == "exclude rule 1: its content has “water”"


def test_every_field_of_the_file_can_be_read():
    assert tuple(FIELDS) == ENTRY_FIELDS
    for name in FIELDS:
        assert told(entry=Entry(id=None), exclude=[{"fields": (name,), "words": ("x",)}]) is None


def test_words_of_scripts_without_spaces_are_found_inside():
    entry = replace(ENTRY, title="可再生能源的未来")
    assert told(entry=entry, exclude=[{"words": ("能源",)}])
    assert not told(entry=entry, exclude=[{"words": ("源能",)}])


LETTERS = st.text(
    st.characters(categories=("L", "Nd"), max_codepoint=0x24F), min_size=1, max_size=8
)


@settings(max_examples=30)
@given(before=st.lists(LETTERS), phrase=st.lists(LETTERS, min_size=1), after=st.lists(LETTERS))
def test_a_phrase_is_found_wherever_it_stands(before, phrase, after):
    text = ", ".join([*before, *phrase, *after])
    assert Matcher(words=[" ".join(phrase).upper()]).found(Seen(text))


@settings(max_examples=30)
@given(parts=st.lists(st.text(max_size=5), min_size=1), filling=st.text(max_size=5))
def test_a_glob_is_all_of_a_text_and_nothing_in_it_is_a_pattern(parts, filling):
    glob = "*".join(it.replace("*", "").replace("?", "") for it in parts)
    text = glob.replace("*", filling)
    assert Matcher(globs=[glob]).found(Seen(text)) == glob
    if "*" not in glob:
        assert Matcher(globs=[glob]).found(Seen(f"{text}x")) is None


@settings(max_examples=50)
@given(written=st.text(max_size=40), text=st.text())
def test_whatever_is_written_either_is_a_pattern_or_is_refused(written, text):
    with suppress(BadPattern):
        Matcher(patterns=[written]).found(Seen(text))


def test_a_pattern_that_kills_others_takes_no_time():
    assert Matcher(patterns=["(a+)+$", "(a|aa)+b"]).found(Seen("a" * 100_000 + "c")) is None
