"""HTML that taming would only spell anew, if that, told at a glance: most of what editors' systems write."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from feeds.markup import decoded
from feeds.taming import spelled
from feeds.text import legal, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

_UNUSUAL_IN_ASCII = bytes({*range(0x20), 0x7F} - set(b"\t\n"))
_USUAL = re.compile("[\t\n\x20-\x7e\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*+")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?: [a-z]++="(?:[^"<>&\t\n]++|&amp;)*+")*+)>')
# The same with attributes of any name, and with the slash of XHTML.
_PLAIN_TAG = re.compile(
    r'<(/?)([a-z][a-z0-9]*+)((?: [a-z][a-z-]*+="(?:[^"<>&\t\n]++|&amp;)*+")*+) ?/?>'
)
_ATTRIBUTE = re.compile('( ([a-z-]++)="[^"]*+")')
_OTHER_REFERENCE = re.compile("&(?!(?:amp|lt|gt|nbsp);)")
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


def tidied(html: str, allowed: Mapping[str, Set[str]]) -> str | None:
    """The HTML as taming would give it, where that takes no more than to spell it; None says nothing."""
    if is_tidy(html, allowed):
        return html
    plain = _respelled(html, allowed)
    return plain if plain is not None and is_tidy(plain, allowed) else None


def is_tidy(html: str, allowed: Mapping[str, Set[str]]) -> bool:
    """Whether tags, attributes and characters are spelled as they come out, and properly nested.

    False says nothing: the HTML may be as tidy in a way that is not looked for here.
    """
    parts = _TAG.split(html)  # texts, and between them what _TAG takes together
    text = "\n".join(parts[::4])
    if "<" in text or ">" in text or _OTHER_REFERENCE.search(text) or not _is_usual(html):
        return False
    if _EMPTY.search(html):  # last: it is quadratic in tags that do not end
        return False
    return _are_nested(zip(parts[1::4], parts[2::4], parts[3::4], strict=True), allowed)


def _respelled(html: str, allowed: Mapping[str, Set[str]]) -> str | None:
    """The HTML without attributes that are not allowed, and its texts as they come out.

    None where a tag is not plain, or has one attribute twice.
    """
    parts = _PLAIN_TAG.split(html)
    texts = [spelled(legal(decoded(it))) for it in parts[::4]]
    found = zip(parts[1::4], parts[2::4], parts[3::4], strict=True)
    tags = [_cut_down(*it, allowed) for it in found]
    if "<" in "".join(parts[::4]) or not all(tags):
        return None
    return "".join(chain.from_iterable(zip(texts, [*tags, ""], strict=True)))


def _cut_down(end: str, name: str, attributes: str, allowed: Mapping[str, Set[str]]) -> str:
    """The tag with allowed attributes only; "" when one of any kind stands there twice."""
    given = _ATTRIBUTE.findall(attributes) if attributes else ()
    if end or not given:
        return f"<{end}{name}>"
    if len({it for _, it in given}) < len(given):
        return ""
    kept = allowed.get(name, frozenset())
    return f"<{name}{''.join([written for written, it in given if it in kept])}>"


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
