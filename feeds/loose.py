"""Markup that may be no XML at all: what can be told by its tags alone, in linear time.

feedparser takes time quadratic in the categories of an entry and in the length of a byline, and much of it
for every tag. So such markup is refused or cut before feedparser sees it.
"""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import pairwise

from feeds import repair
from feeds.errors import ForbiddenMarkup
from feeds.fields import NAME
from feeds.strict.people import mailbox

_MAX_TAGS = 50_000
_MAX_TERMS = 500  # categories between two entries
_MAX_BYLINE = 2048  # characters, markup and all

_PREFIX = r"(?:[\w.-]+:)?"
_TAG = re.compile(rf"{repair.CDATA}|<")  # what is in CDATA costs nothing
_ENTRY = re.compile(rf"<{_PREFIX}(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ENTRY_END = re.compile(rf"</{_PREFIX}(?:item|entry)\s*>", re.IGNORECASE)
_TERM = re.compile(rf"<{_PREFIX}(?:category|subject|(item|entry))(?=[\s/>])", re.IGNORECASE)
# What feedparser searches for mail addresses (and finds only those in short top-level domains), what it
# splits at commas.
_BYLINE = re.compile(
    rf"<(/?){_PREFIX}(author|contributor|creator|keywords|owner|publisher|tags"
    r"|webmaster)(?=[\s/>])[^<>]*+>",
    re.IGNORECASE,
)
# A mail address of one author would be given to the next who has none. feedparser knows none by this.
AT = "\ue000"
_CDATA = re.compile(r"<!\[CDATA\[(.*)\]\]>", re.DOTALL)
# Under these names feedparser would take them for the entry's own title and summary, for an author.
_MISTAKEN = re.compile(
    r"(</?)(?:(?:media|itunes):)?((?<=:)(?:title|description|summary|subtitle)|managingEditor)\b"
)
EDITOR = "own-managingeditor"


def tamed(markup: str) -> str:
    """The markup as feedparser may have it. Raises ForbiddenMarkup when it is crowded beyond measure."""
    if sum(1 for _ in _TAG.finditer(markup)) > _MAX_TAGS:
        raise ForbiddenMarkup(f"more than {_MAX_TAGS} tags, and not well-formed")
    _refuse_many_terms(markup)
    return _MISTAKEN.sub(r"\1own-\2", _with_plain_bylines(markup))


def is_truncated(markup: str) -> bool:
    """Whether the document ends before the feed in it does."""
    return repair.end_of_root(repair.from_root(markup)) is None


def entries(markup: str) -> list[str]:
    """The markup of the entries, one by one."""
    starts = [found.start() for found in _ENTRY.finditer(markup)]
    return [_piece(markup, start, limit) for start, limit in pairwise([*starts, len(markup)])]


def is_finished(entry: str) -> bool:
    """Whether the markup of an entry has an end tag."""
    return _ENTRY_END.search(entry) is not None


def _piece(markup: str, start: int, limit: int) -> str:
    end = _ENTRY_END.search(markup, start, limit)
    return markup[start : end.end() if end else limit]


def _refuse_many_terms(markup: str) -> None:
    terms = 0
    for found in _TERM.finditer(markup):
        terms = 0 if found[1] else terms + 1
        if terms > _MAX_TERMS:
            raise ForbiddenMarkup(f"an entry with more than {_MAX_TERMS} categories")


def _with_plain_bylines(markup: str) -> str:
    kept, at = [], 0
    for opening, closing in pairwise(_BYLINE.finditer(markup)):
        if closing[1] and not opening[1] and not opening[0].endswith("/>"):
            inside = markup[opening.end() : closing.start()]
            kept += [markup[at : opening.end()], _plain_byline(opening[2].lower(), inside)]
            at = closing.start()
    return "".join([*kept, markup[at:]])


def _plain_byline(element: str, inside: str) -> str:
    """The content of a byline element, its author in elements as Atom has it, of bounded length."""
    if len(inside) > _MAX_BYLINE and not _ENTRY.search(inside):
        inside = re.sub("[<>&]", " ", inside[:NAME])
    data = _CDATA.fullmatch(inside.strip())
    written = data[1] if data else unescape(inside)
    person = None
    if element in ("author", "creator") and (data or "<" not in inside):
        person = mailbox(written)
    if person:
        email = f"<email>{escape(person.email)}</email>" if person.email else ""
        inside = f"<name>{escape(person.name)}</name>{email}"
    return inside.replace("@", AT)
