"""Which way languages are written, and what HTML says of it."""

from __future__ import annotations

import pytest

from feeds.languages import directed, direction

RIGHT_TO_LEFT = """ar ar-EG AR-arz he iw fa ur ps sd ug yi dv ckb ku-Arab az-Arab-IR zh-hebr
    pa-Arab-x-y"""
LEFT_TO_RIGHT = "en ku az az-Cyrl ar-Latn fr-CA en-x-arab en-a-arab arab -"


@pytest.mark.parametrize("language", RIGHT_TO_LEFT.split())
def test_right_to_left(language: str) -> None:
    assert direction(language) == "rtl"
    assert directed("<p>x</p>", language) == f'<div lang="{language}" dir="rtl"><p>x</p></div>'


@pytest.mark.parametrize("language", [None, "", *LEFT_TO_RIGHT.split()])
def test_left_to_right(language: str | None) -> None:
    assert direction(language) == "ltr"
    assert directed("<p>x</p>", language) == "<p>x</p>"


def test_nothing_has_no_direction() -> None:
    assert directed("", "ar") == ""


def test_what_has_its_direction_gets_it_once() -> None:
    once = directed("<div><p>x</p></div>", "ar")
    assert directed(once, "ar") == once
    beside = once + directed("<p>y</p>", "ar")
    assert directed(beside, "ar") == f'<div lang="ar" dir="rtl">{beside}</div>'
    assert directed(once, "fa").startswith('<div lang="fa" dir="rtl"><div lang="ar"')
