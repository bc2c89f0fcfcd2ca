"""HTML that taming would give back as it is, told at a glance: most of what editors' systems write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.text import without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

_UNUSUAL_IN_ASCII = bytes({*range(0x20), 0x7F} - set(b"\t\n"))
_USUAL = re.compile("[\t\n\x20-\x7e\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*+")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?: [a-z]++="(?:[^"<>&\t\n]++|&amp;)*+")*+)>')
_OTHER_REFERENCE = re.compile("&(?!(?:amp|lt|gt);)")
_NAME = re.compile(r' ([a-z]+)="')
_INLINE_NAMES = "abbr b cite code del em i ins kbd mark q s small span strong sub sup time u"
_INLINE = frozenset(_INLINE_NAMES.split())
_BLOCK_NAMES = "blockquote div figcaption figure h2 h3 h4 h5 h6 p section"
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_LISTS = frozenset({"ol", "ul"})
_HOLDING_TEXT = frozenset({"p", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset({"br", "hr", "img"})
_ANYWHERE = _INLINE | {"br", "img"}
_SHAPING = _BLOCKS | _LISTS | {"hr", "li"}
_EMPTY = re.compile(r"<(a|p)(?: [^>]*)?></\1>")
_DEPTH = 32


def is_tidy(html: str, allowed: Mapping[str, Set[str]]) -> bool:
    """Whether tags, attributes and characters are spelled as they come out, and properly nested.

    False says nothing: the HTML may be as tidy in a way that is not looked for here.
    """
    parts = _TAG.split(html)  # texts, and between them what _TAG takes together
    text = "\n".join(parts[::4])
    if "<" in text or ">" in text or _OTHER_REFERENCE.search(text) or not _is_usual(html):
        return False
    if _EMPTY.search(
        html
    ):  # last: where tags do not end, it would look for their ends again and again
        return False
    return _are_nested(zip(parts[1::4], parts[2::4], parts[3::4], strict=True), allowed)


def _is_usual(html: str) -> bool:
    """Whether no character of it is left out, or written in another way."""
    if html.isascii():
        return without(html, _UNUSUAL_IN_ASCII) == html
    return _USUAL.fullmatch(html) is not None


def _are_nested(tags: Iterable[tuple[str, str, str]], allowed: Mapping[str, Set[str]]) -> bool:
    opened: list[str] = []
    for end, name, attributes in tags:
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
    if name in _ANYWHERE:
        return True
    if name == "a":
        return "a" not in opened
    return name in _SHAPING and (
        _HOLDING_TEXT.isdisjoint(opened) and _INLINE.isdisjoint(opened) and "a" not in opened
    )


def _may_have(name: str, attributes: str, allowed: Mapping[str, Set[str]]) -> bool:
    """Whether these are attributes that need no other look than at their values."""
    names = _NAME.findall(attributes) if attributes else []
    if name == "img" and ' src="http' not in attributes:
        return False
    return len(set(names)) == len(names) and set(names) <= allowed[name]
