"""Plain text: legal characters, one line out of HTML, slugs, shortening."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds import text

ANYTHING = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("tab\tnewline\nreturn\r", "tab\tnewline\nreturn\r"),
        ("a\x00b\x08c\x0bd\x0ce\x1ff", "abcdef"),
        ("a\ufffeb\uffffc", "abc"),
        ("a\ud800b\udfffc", "abc"),
        ("\x7f\x85\xa0é字😀", "\x7f\x85\xa0é字😀"),
    ],
)
def test_legal_drops_what_xml_forbids(value, expected):
    assert text.legal(value) == expected


@given(ANYTHING)
def test_legal_text_can_stand_in_xml(value):
    element = etree.Element("title")
    element.text = text.legal(value)
    assert etree.tostring(element)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" \t\n\xa0 ", None),
        ("\x00", None),
        ("  two \n\t words\xa0 ", "two words"),
        ("a < b & c", "a < b & c"),
    ],
)
def test_plain_folds_white_space(value, expected):
    assert text.plain(value) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (None, None),
        ("", None),
        ("<p> </p>", None),
        ("AT&amp;T", "AT&T"),
        ("AT&T", "AT&T"),
        ("1 < 2", "1 < 2"),
        ("1 &lt; 2", "1 < 2"),
        ("&lt;b&gt;", "<b>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("I <3 you", "I <3 you"),
        ("<b>Bold</b> <i>move</i>", "Bold move"),
        ("half<b>way</b>", "halfway"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>Two<br/>Three", "One Two Three"),
        ("<table><tr><td>1<td>2</table>", "1 2"),
        ("<script>var a = '<b>';</script>seen<style>p{}</style>", "seen"),
        ("<SCRIPT>hidden</scripture></SCRIPT >seen", "seen"),
        ("<iframe><p>fallback</p></iframe>", None),
        ("a<!-- <b> -->b<!-->c<!--->d<!-- -- --!>e", "abcde"),
        ("<?php echo 1 ?><!DOCTYPE html>y</>z", "<?php echo 1 ?><!DOCTYPE html>y</>z"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ("<img alt='no text'>", None),
        ("&#128512; &eacute; &nbsp; &notit; &copy", "😀 é ¬it; ©"),
        ("&#0;&#xD800;&#x110000;", "���"),
        (f"&#{'9' * 5000};", "�"),
        ("cut <a href='x", "cut"),
        ("not cut <!-- x", "not cut <!-- x"),
        ("not cut <script>x", "not cut <script>x"),
        ("<p", "<p"),
    ],
)
def test_from_html(html, expected):
    assert text.from_html(html) == expected


@given(ANYTHING)
def test_from_html_gives_one_legal_line(value):
    line = text.from_html(value)
    assert line is None or line == text.plain(line)


@given(st.text(st.sampled_from("<>/!-?='\" \tabpscriptxmlnol&;#0")))
def test_from_html_takes_any_markup(value):
    line = text.from_html(value)
    assert line is None or line == text.plain(line)


@pytest.mark.parametrize(
    "unit",
    ["<", "<a ", "<a b='", '<a b="', "<!--", "<!-- --", "</", "<?", "<script>", "&", "&#", "<a ="],
)
def test_from_html_takes_linear_time(unit):
    started = time.process_time()
    text.from_html(unit * 100_000)
    assert time.process_time() - started < 2  # some 0.1 s; quadratic time would be minutes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tide Lines", "tide-lines"),
        ("  A -- B__C  ", "a-b-c"),
        ("Jane O'Neil’s “Big” Day", "jane-oneils-big-day"),
        ("Café Ünïcode Łódź", "cafe-unicode-lodz"),
        ("Ελλάδα", "ellada"),
        ("Москва 2026", "moskva-2026"),
        ("東京", "dongjing"),
        ("", "item"),
        ("!?", "item"),
        ("\ud800\x00", "item"),
        ("word " * 30, "word-" * 15 + "word"),
        ("x" * 100, "x" * 80),
        ("y" * 79 + " tail", "y" * 79),
        ("z" * 80 + " tail", "z" * 80),
    ],
)
def test_slugify(value, expected):
    assert text.slugify(value) == expected


def test_slugify_falls_back():
    assert text.slugify("…", fallback="author") == "author"


@given(ANYTHING)
def test_slugify_gives_slugs_only(value):
    slug = text.slugify(value)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80
    assert text.slugify(slug) == slug


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (40, "The tide, slowly, turns"),
        (23, "The tide, slowly, turns"),
        (22, "The tide, slowly…"),
        (18, "The tide, slowly…"),
        (17, "The tide…"),
        (10, "The tide…"),
        (9, "The…"),
        (3, "Th…"),
    ],
)
def test_shorten(limit, expected):
    assert text.shorten("The tide, slowly, turns", limit) == expected


@given(st.text(), st.integers(1, 50))
def test_shortened_text_fits(value, limit):
    assert len(text.shorten(value, limit)) <= limit
