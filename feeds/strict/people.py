"""Bylines: atom:author and atom:contributor (RFC 4287 section 3.2), Dublin Core, RSS "mail (Name)"."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import fields
from feeds.model import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.strict.elements import Node

_CONTRIBUTORS = frozenset({"atom:contributor", "dc:contributor"})
_MAIL = r"[^\s@()<>]+@[^\s@()<>]+"
_IN_QUOTES = re.compile('"(.*)"')
_MAILBOX = re.compile(rf"({_MAIL})(?: ?\((.*)\))?|(.*?) ?[<(]({_MAIL})[>)]")


def authors(node: Node) -> tuple[Person, ...]:
    """Who stands in the byline, in its order, each once."""
    constructs = map(_construct, node.each("atom:author"))
    named = chain(constructs, map(mailbox, node.values("dc:creator", "author")))
    return _each_once(named) or _each_once(map(mailbox, node.values("itunes:author")))


def contributors(node: Node) -> tuple[Person, ...]:
    """Who else is credited."""
    if not node.has_any(_CONTRIBUTORS):
        return ()
    constructs = map(_construct, node.each("atom:contributor"))
    return _each_once(chain(constructs, map(mailbox, node.values("dc:contributor"))))


def mailbox(value: str) -> Person | None:
    """Who an RSS author is: by the book "mail (Name)"; as common are "Name <mail>" or the name alone.

    None for a mail address alone. The name may be HTML, as titles may.
    """
    written = fields.prose(value, fields.NAME) or ""
    found = _MAILBOX.fullmatch(written)
    called = (found[2] or found[3]) if found else written
    quoted = _IN_QUOTES.fullmatch(called or "")
    name = fields.name(quoted[1] if quoted else called)
    return Person(name, email=found and (found[1] or found[4])) if name else None


def _construct(node: Node) -> Person | None:
    email = node.line("atom:email")
    uri = node.url("atom:uri")
    name = fields.name(node.line("atom:name")) or uri
    return Person(name, uri, email) if name else None


def _each_once(found: Iterable[Person | None]) -> tuple[Person, ...]:
    """One person per name, with all that is said of them; namesakes with different pages stay two."""
    different = fields.first_ones(filter(None, found))
    if len(different) < 2:
        return different
    people: list[Person] = []
    for person in different:
        known = next((i for i, other in enumerate(people) if _same(person, other)), None)
        if known is None:
            people.append(person)
        else:
            people[known] = _together(people[known], person)
    return tuple(people)


def _same(person: Person, other: Person) -> bool:
    same_page = person.uri == other.uri or not (person.uri and other.uri)
    return same_page and person.name.casefold() == other.name.casefold()


def _together(person: Person, other: Person) -> Person:
    return replace(person, uri=person.uri or other.uri, email=person.email or other.email)
