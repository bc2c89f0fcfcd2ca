"""Whether two texts are one article: what is asked where keys alone do not tell.

Every measure takes linear time, but that of titles, which are cut.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.text import from_html

if TYPE_CHECKING:
    from datetime import datetime

_TITLE = 200  # characters that are compared
_ALIKE = 0.75  # of the characters of two titles
_SAME = 0.98  # of the words of two texts
_HELD = 0.8  # of the words of the shorter text, which the longer one holds
_LONG = 48  # words: from there on texts tell articles apart
_NEAR = timedelta(days=2)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


class Told(Struct, frozen=True, dict=True):
    """What an entry or an article says of itself."""

    title: str  # empty where it has none
    text: str  # HTML
    published: datetime | None

    @cached_property
    def words(self) -> Counter[str]:
        """The words of the text, and how often each stands there."""
        return Counter(_WORD.findall((from_html(self.text) or "").casefold()))

    @cached_property
    def numbers(self) -> Counter[str]:
        """The numbers in title and text."""
        return Counter(_NUMBER.findall(f"{self.title} {from_html(self.text) or ''}"))

    @property
    def is_long(self) -> bool:
        """Whether the text has words enough to tell it from others."""
        return self.words.total() >= _LONG


def is_moved(a: Told, b: Told) -> bool:
    """Whether equal paths on two sites are one article whose site has moved: a planet has equal paths too."""
    if _titles_alike(a, b) and a.published is not None and a.published == b.published:
        return True
    is_untitled = not (a.title and b.title)
    return (is_untitled or _titles_alike(a, b)) and _are_near(a, b) and _texts_same(a, b)


def is_renamed(a: Told, b: Told, *, same_page: bool) -> bool:
    """Whether two ids of one source are of one article. Reports of a series differ in their numbers."""
    if not (_are_near(a, b) and _titles_alike(a, b)):
        return False
    return same_page or (a.is_long and b.is_long and _texts_same(a, b))


def is_copy(a: Told, b: Told) -> bool:
    """Whether entries of two sources under one id or page are one story, told in full or shortened."""
    if a.is_long and b.is_long:
        return _texts_same(a, b) or (_titles_alike(a, b) and _are_near(a, b) and _holds(a, b))
    return _titles_alike(a, b) and _are_near(a, b)


def _titles_alike(a: Told, b: Told) -> bool:
    first, second = (" ".join(it.title.casefold().split())[:_TITLE] for it in (a, b))
    if not (first and second):
        return False
    return first == second or SequenceMatcher(None, first, second).ratio() >= _ALIKE


def _are_near(a: Told, b: Told) -> bool:
    """Within two days; nothing is held against one that has no date."""
    return a.published is None or b.published is None or abs(a.published - b.published) <= _NEAR


def _texts_same(a: Told, b: Told) -> bool:
    if a.numbers != b.numbers:
        return False
    both = a.words.total() + b.words.total()
    return both > 0 and 2 * (a.words & b.words).total() > _SAME * both


def _holds(a: Told, b: Told) -> bool:
    shorter = min(a.words.total(), b.words.total())
    return (a.words & b.words).total() >= _HELD * shorter
