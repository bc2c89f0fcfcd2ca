"""HTML cut into tags and texts, in one pass and linear time (HTML Standard section 13.2.5).

No tree is built and nothing is made safe here: that is what sanitize is for.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_PROSE = frozenset(
    {"script", "style", "template", "title", "textarea", "iframe", "noembed", "noframes"}
)

_WS = r"[ \t\n\f\r]"
_NAME = r"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
_VALUE = rf"""{_WS}*+={_WS}*+(?:"([^"]*+)"|'([^']*+)'|((?!["'])[^ \t\n\f\r>]++))"""
_ATTRIBUTE = re.compile(rf"({_NAME})(?:{_VALUE})?+")
_ATTRIBUTES = re.sub(r"\((?!\?)", "(?:", rf"(?:[ \t\n\f\r/]*+{_ATTRIBUTE.pattern})*+")
# Every alternative that has begun also ends, at the end of the document if need be: no input is
# scanned twice.
_TOKEN = re.compile(
    rf"""
      <!--(?:-?>|.*?(?:--!?>|\Z))
    | <(?P<end>/?)(?P<name>[A-Za-z][^ \t\n\f\r/>]*+)(?P<attributes>{_ATTRIBUTES})
      [ \t\n\f\r/]*+(?:>|\Z)
    | <[!?/][^>]*+(?:>|\Z)
    | (?P<text>[^<]++|<)
    """,
    re.DOTALL | re.VERBOSE,
)
# A tag as most are written: its name in lower case, its values in double quotes.
PLAIN_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?: [a-z][a-z-]*+="[^"]*+")*+) ?/?>')
_END_OF = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE) for name in WITHOUT_PROSE}
_BEYOND_UNICODE = re.compile("&#[0-9]{20,};?")
_UNENDED = re.compile("&(?![A-Za-z0-9#]+;)")


def decoded(text: str) -> str:
    """The text with its character references replaced, once."""
    if "&" not in text:
        return text
    # html.unescape() raises ValueError on more digits than int() takes.
    return unescape(_BEYOND_UNICODE.sub("\ufffd", text))


class Text(NamedTuple):
    """A stretch of text, its character references decoded."""

    value: str


class Start(NamedTuple):
    """A start tag; its attributes as written."""

    name: str
    markup: str

    def attributes(self) -> dict[str, str]:
        """Name and decoded value; of doubled ones the first counts."""
        found: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(self.markup):
            found.setdefault(name.lower(), _decoded_value("".join(values)))
        return found


class End(NamedTuple):
    """An end tag."""

    name: str


Token = Text | Start | End


def _decoded_value(value: str) -> str:
    """In "?a=1&copy=2" of an attribute no reference is meant."""
    return decoded(_UNENDED.sub("&amp;", value)) if "&" in value else value


def tokens(html: str) -> Iterator[Token]:
    """The tags and texts of the HTML in order, without comments and without the content of
    WITHOUT_PROSE elements. A tag that never ends is left out with all that follows it.
    """
    at = 0
    while match := _TOKEN.match(html, at):
        at = match.end()
        end, name, attributes, text = match.groups()
        if text:
            yield Text(decoded(text))
        elif name and end:
            yield End(name.lower())
        elif name and html[at - 1] == ">":
            yield Start(name.lower(), attributes)
            at = _after_prose(html, name.lower(), at)


def _after_prose(html: str, name: str, at: int) -> int:
    if name not in WITHOUT_PROSE:
        return at
    end = _END_OF[name].search(html, at)
    return end.start() if end else len(html)
