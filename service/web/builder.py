"""Pure: the feed builder's form, from what was ticked in it to the selection that it means.

Each field has two parameters: "theme" for what is wanted, "not-theme" for what is left out; several values
may be given, or several in one with commas between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.text import slugify
from service import selection as language
from service import words
from service.selection import MOST_SLUGS, Selection, Term
from service.web.catalog import commonest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from service.web.catalog import Item, Shelf

WORDS = "q"
_NOT = "not-"
_TICKED = 40  # things of a kind that are offered to be ticked; of more, the names are typed
SUGGESTED = 300  # names offered while one is typed


class Choice(Struct, frozen=True):
    """One thing that can be wanted or left out."""

    label: str
    slug: str
    wanted: bool
    refused: bool


class Offer(Struct, frozen=True):
    """The part of the form that is about one field: choices to tick, or else names to type."""

    field: str
    title: str
    choices: tuple[Choice, ...]
    is_typed: bool
    wanted: str  # as it was typed
    refused: str


def chosen(given: Mapping[str, Sequence[str]], fields: Sequence[str]) -> Selection:
    """The selection that a query's parameters mean, in canonical spelling; nothing chosen selects all.

    Words to search for count where nothing else was chosen.
    """
    terms = [
        Term(field, slugs, negated)
        for negated in (False, True)
        for field in fields
        if (slugs := _slugs(given.get(_parameter(field, negated), ())))
    ]
    query = None if terms else words.query(" ".join(given.get(WORDS, ())))
    return language.canonical(Selection(tuple(terms), query=str(query) if query else None), fields)


def is_too_much(selection: Selection) -> bool:
    """Whether more was chosen than an address may name."""
    return size(selection) > MOST_SLUGS


def size(selection: Selection) -> int:
    """How many things a selection names."""
    return sum(len(term.slugs) for term in selection.terms)


def offers(shelves: Iterable[Shelf], given: Mapping[str, Sequence[str]]) -> list[Offer]:
    """The form as it was filled in; what was chosen stays on offer."""
    return [_offer(shelf, given) for shelf in shelves]


def _offer(shelf: Shelf, given: Mapping[str, Sequence[str]]) -> Offer:
    wanted, refused = (given.get(_parameter(shelf.field, it), ()) for it in (False, True))
    is_typed = not 0 < shelf.total <= _TICKED
    items = commonest(shelf.items, SUGGESTED if is_typed else _TICKED)
    return Offer(
        field=shelf.field,
        title=shelf.title,
        choices=tuple(_choice(it, _slugs(wanted), _slugs(refused)) for it in items),
        is_typed=is_typed,
        wanted=", ".join(_slugs(wanted)),
        refused=", ".join(_slugs(refused)),
    )


def _choice(item: Item, wanted: Sequence[str], refused: Sequence[str]) -> Choice:
    (term,) = item.selection.terms
    (slug,) = term.slugs
    return Choice(item.label, slug, slug in wanted, slug in refused)


def _parameter(field: str, negated: bool) -> str:
    return f"{_NOT}{field}" if negated else field


def _slugs(values: Iterable[str]) -> tuple[str, ...]:
    """The slugs that were ticked or typed; a name that was typed is taken for the slug made of it."""
    named = (name for value in values for name in value.split(","))
    return tuple(sorted({slugify(name, "") for name in named if name.strip()} - {""}))
