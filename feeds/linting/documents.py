"""A document as it came: its encoding, its media type, its dialect; then the checks of that dialect."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from feeds import reading
from feeds.decoding import decode, is_json
from feeds.errors import NotAFeed
from feeds.linting import atom, common, jsonfeed, rss
from feeds.linting.findings import Finding, Flaw
from feeds.linting.rules import RULES
from feeds.strict.elements import node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MOST = 500  # findings of one document

_DIALECTS = {"atom:feed": atom.flaws, "atom:entry": atom.flaws, "rss": rss.flaws}
_MEDIA_TYPES = {
    "atom:feed": "application/atom+xml",
    "atom:entry": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
_UNSPECIFIC = frozenset({"application/xml", "text/xml", "application/json"})
_CITED = re.compile(r"<title>([^<]*+)</title>")
_LINE = re.compile("line ([0-9]+)")
_NAMED = re.compile("&(?:amp|lt|#38|#60);")


def lint(
    document: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with an Atom, RSS 2.0 or JSON Feed document, line by line; at most 500 things.

    `url` is where it was served, `content_type` the HTTP header's value; what hangs on them is not looked
    at without them, nor without `now` whether its dates are still to come. Raises NotAFeed or
    ForbiddenMarkup for what no reader takes.
    """
    decoded = decode(document, content_type)
    flaws = [*_encoding(decoded.problems), *_flaws(decoded.text, url, content_type, now)]
    return tuple(map(_finding, islice(flaws, MOST)))


def _encoding(problems: tuple[str, ...]) -> Iterator[Flaw]:
    for problem in problems:
        illegal = "not legal" in problem
        yield Flaw("BadCharacters" if illegal else "EncodingMismatch", "document", problem)


def _flaws(
    text: str, url: str | None, content_type: str | None, now: datetime | None
) -> Iterator[Flaw]:
    if is_json(text):
        yield from _served("json", content_type)
        yield from jsonfeed.flaws(text, url, now)
        return
    markup = reading.from_root(text)
    lines = text[: len(text) - len(markup)].count("\n")
    try:
        root = node(reading.parsed_root("\n" * lines + markup))
    except etree.XMLSyntaxError as error:
        yield Flaw("SAXError", f"line {error.lineno}", str(error.msg).partition("\n")[0])
        return
    if root.name not in _DIALECTS:
        raise NotAFeed(f"its root is {root.name}; only Atom, RSS 2.0 and JSON Feed are checked")
    yield from _served(root.name, content_type)
    yield from common.namespaces(root)
    found = [*_DIALECTS[root.name](root, url, now)]
    if root.name == "rss":
        found += _character_data(markup, lines)
    yield from sorted(found, key=_line)


def _served(dialect: str, content_type: str | None) -> Iterator[Flaw]:
    """The media type of HTTP's header."""
    if content_type is None:
        return
    given, wanted = content_type.partition(";")[0].strip().lower(), _MEDIA_TYPES[dialect]
    if given in _UNSPECIFIC:
        yield Flaw("NonSpecificMediaType", "Content-Type", given)
    elif given != wanted:
        yield Flaw("UnexpectedContentType", "Content-Type", f"{given or 'none'} for {wanted}")


def _character_data(markup: str, lines: int) -> Iterator[Flaw]:
    """Titles in which & and < are written by name; a parser does not tell."""
    at = 0
    for found in _CITED.finditer(markup):
        lines += markup.count("\n", at, found.start())
        at = found.start()
        if _NAMED.search(found[1]):
            yield Flaw("CharacterData", f"line {lines + 1}, title", found[1][:60])


def _line(flaw: Flaw) -> int:
    found = _LINE.match(_where(flaw))
    return int(found[1]) if found else 0


def _finding(flaw: Flaw) -> Finding:
    rule = RULES[flaw.id]
    told = f"{rule.message}: {flaw.detail}" if flaw.detail else rule.message
    return Finding(flaw.id, rule.severity, _where(flaw), told, rule.remedy)


def _where(flaw: Flaw) -> str:
    if isinstance(flaw.at, str):
        return flaw.at
    name = flaw.at.name.removeprefix("atom:").rpartition("}")[2]
    return f"line {flaw.at.element.sourceline}, {name}"
