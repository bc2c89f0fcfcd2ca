"""HTML that taming would give back as it is, told at a glance: most of what editors' systems write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

_CHARACTER = "[^<>&\x00-\x08\x0b-\x1f\x7f-\xa0\ud800-\udfff\ufeff\ufffe\uffff]"
_VALUE = '[^"<>&\x00-\x1f\x7f-\xa0\ud800-\udfff\ufeff\ufffe\uffff]'
_SHAPE = re.compile(
    rf"""(?: {_CHARACTER}++
           | &(?:amp|lt|gt);
           | </?[a-z][a-z0-9]*+ (?:\x20[a-z]++="(?:{_VALUE}++|&amp;)*+")*+ >
         )*+""",
    re.VERBOSE,
)
_TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
_NAME = re.compile(r' ([a-z]+)="')
_INLINE_NAMES = "abbr b cite code del em i ins kbd mark q s small span strong sub sup time u"
_INLINE = frozenset(_INLINE_NAMES.split())
_BLOCK_NAMES = "blockquote div figcaption figure h2 h3 h4 h5 h6 p section"
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_LISTS = frozenset({"ol", "ul"})
_HOLDING_TEXT = frozenset({"p", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset({"br", "hr", "img"})
_EMPTY = re.compile(r"<(a|p)(?: [^>]*)?></\1>")
_DEPTH = 32


def is_tidy(html: str, allowed: Mapping[str, Set[str]]) -> bool:
    """Whether tags, attributes and characters are spelled as they come out, and properly nested.

    False says nothing: the HTML may be as tidy in a way that is not looked for here.
    """
    if _SHAPE.fullmatch(html) is None or _EMPTY.search(html):
        return False
    opened: list[str] = []
    for end, name, attributes in _TAG.findall(html):
        if end:
            if not opened or attributes or opened.pop() != name:
                return False
        elif not (_may_begin(name, opened) and _may_have(name, attributes, allowed)):
            return False
        elif name not in _VOID:
            opened.append(name)
    return not opened


def _may_begin(name: str, opened: list[str]) -> bool:
    holder = opened[-1] if opened else ""
    if len(opened) >= _DEPTH or (holder in _LISTS) != (name == "li"):
        return False
    if name in _INLINE or name in _VOID - {"hr"}:
        return True
    if name == "a":
        return "a" not in opened
    return (name in _BLOCKS | _LISTS | {"li", "hr"}) and (
        _HOLDING_TEXT.isdisjoint(opened) and _INLINE.isdisjoint(opened) and "a" not in opened
    )


def _may_have(name: str, attributes: str, allowed: Mapping[str, Set[str]]) -> bool:
    """Whether these are attributes that need no other look than at their values."""
    names = _NAME.findall(attributes) if attributes else []
    if name == "img" and ' src="http' not in attributes:
        return False
    return len(set(names)) == len(names) and set(names) <= allowed[name] - {"srcset"}
