"""HTML cut down to allowed tags in proper nesting, bounded in depth and size.

What comes out is not safe yet, but parsing it takes linear time: parsers are quadratic in the depth,
and copy formatting that was never closed into every paragraph and table row that follows. The tables
of optional tags stay though parsers have them too: without them, two hundred unclosed paragraphs
would count as two hundred levels, of which the deeper ones are cut.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from feeds.markup import Start, Text
from feeds.text import legal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from feeds.markup import Token

_VOID = frozenset({"br", "col", "hr", "img", "source", "track", "wbr"})
_INLINE_NAMES = """a abbr b bdi bdo cite code del dfn em i ins kbd mark q ruby s samp small span
    strike strong sub sup time tt u var"""
_INLINE = frozenset(_INLINE_NAMES.split())
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_ROW_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_CAPTIONS = frozenset({"caption", "colgroup"})
_TABLE_PARTS = _CELLS | _ROW_GROUPS | _CAPTIONS | {"col", "tr"}
_TABLE = _TABLE_PARTS | {"table"}
_NOTHING_WHEN_EMPTY = frozenset({"a", "p"})
_CUT_REFERENCE = re.compile(r"&[a-z]*\Z")  # cut in two at the end of a text
_FRAMEWORK = _ROW_GROUPS | {"colgroup", "table", "tr"}  # what holds table parts only

# Which open elements a start tag ends (HTML Standard section 13.1.2.4, optional tags).
_P = frozenset({"p"})
_P_ENDERS = """address article aside blockquote center details div dl figcaption figure footer header
    hgroup hr main nav ol p pre section summary table ul"""
_ENDED_BY: dict[str, Set[str]] = {
    **dict.fromkeys(_P_ENDERS.split(), _P),
    **dict.fromkeys(_HEADINGS, _P | _HEADINGS),
    **dict.fromkeys(("dd", "dt"), _P | {"dd", "dt"}),
    "rp": {"rp", "rt"},
    "rt": {"rp", "rt"},
    **dict.fromkeys(_CELLS, _P | _CELLS | _CAPTIONS),
    **dict.fromkeys(_ROW_GROUPS | _CAPTIONS, _P | _CELLS | _CAPTIONS | _ROW_GROUPS | {"tr"}),
    "col": _P | _CELLS,
    "li": _P | {"li"},
    "tr": _P | _CELLS | _CAPTIONS | {"tr"},
}


def tame(
    tokens: Iterable[Token],
    allowed: Mapping[str, Set[str]],
    *,
    depth: int,
    size: int,
) -> str:
    """Markup of the allowed tags, each with its allowed attributes, and of all texts.

    Tags deeper than `depth` are left out, and what does not fit into `size` characters of markup.
    """
    draft = _Draft(allowed, depth, size)
    for token in tokens:
        if draft.room <= 0:
            break
        if isinstance(token, Text):
            draft.text(token.value)
        elif isinstance(token, Start):
            draft.start(token)
        else:
            draft.end(token.name)
    return draft.finished()


def spelled(text: str) -> str:
    """The text as nh3 spells it: what is counted here is what comes out there."""
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def _in_quotes(text: str) -> str:
    """The same for the value of an attribute."""
    return spelled(text).replace('"', "&quot;")


class _Draft:
    """Markup that grows at its end, the elements that are open there, and the room left.

    Each open element has had room put by for its end tag.
    """

    def __init__(self, allowed: Mapping[str, Set[str]], depth: int, size: int) -> None:
        self._allowed = allowed
        self._depth = depth
        self.room = size
        self._parts: list[str] = []
        self._open: list[str] = []

    def text(self, value: str) -> None:
        value = legal(value)
        if value[:1] in {"\r", "\n"} and self._parts and self._parts[-1].startswith("<pre"):
            self._add("\n")  # of those that a pre begins with, parsers drop the first
        written = spelled(value[: max(self.room, 0)])
        if len(written) > self.room:
            written = _CUT_REFERENCE.sub("", written[: max(self.room, 0)])
            self.room = len(written)  # what follows does not fit either
        self._add(written)

    def start(self, tag: Start) -> None:
        if tag.name not in self._allowed:
            return
        self._end_implied(tag.name)
        if not self._may_stand_here(tag.name):
            return
        markup = self._markup(tag)
        end = 0 if tag.name in _VOID else len(f"</{tag.name}>")
        if len(markup) + end > self.room:
            self.room = 0 if tag.name in _FRAMEWORK else self.room  # nh3 would add it again
            return
        self._add(markup)
        self.room -= end
        if end:
            self._open.append(tag.name)

    def _add(self, markup: str) -> None:
        self._parts.append(markup)
        self.room -= len(markup)

    def end(self, name: str) -> None:
        same = _HEADINGS if name in _HEADINGS else {name}
        for at in reversed(range(len(self._open))):
            if self._open[at] in same:
                self._close(at)
                return
            if self._open[at] in _CELLS | {"table"} and name not in _TABLE:
                return

    def finished(self) -> str:
        self._close(0)
        return "".join(self._parts).lstrip("\ufeff")

    def _end_implied(self, name: str) -> None:
        if name == "a":  # links do not nest
            self.end("a")
        ended = _ENDED_BY.get(name)
        while ended and (at := self._innermost(name)) >= 0 and self._open[at] in ended:
            self._close(at)

    def _innermost(self, name: str) -> int:
        """Where the open element is that a start tag of that name may end; -1 when nowhere."""
        for at in reversed(range(len(self._open))):
            other = self._open[at]
            if other in _TABLE if name in _TABLE_PARTS else other not in _INLINE:
                return at
        return -1

    def _may_stand_here(self, name: str) -> bool:
        in_framework = bool(self._open) and self._open[-1] in _FRAMEWORK
        return len(self._open) < self._depth and in_framework == (name in _TABLE_PARTS)

    def _markup(self, tag: Start) -> str:
        if not tag.markup:
            return f"<{tag.name}>"
        allowed = self._allowed[tag.name]
        attributes = "".join(
            f' {name}="{_in_quotes(legal(value))}"'
            for name, value in tag.attributes().items()
            if name in allowed
        )
        return f"<{tag.name}{attributes}>"

    def _close(self, at: int) -> None:
        for name in reversed(self._open[at:]):
            if name in _NOTHING_WHEN_EMPTY and self._parts[-1].startswith(f"<{name}"):
                self._parts.pop()
            else:
                self._parts.append(f"</{name}>")
        del self._open[at:]
