"""Pure: the language of feed addresses, "theme/energy,climate/region/andes/not/author/jane-doe".

By repetition all of them, by commas any of them, by "not" none of them. Many spellings mean the same; one of
them is canonical: terms in the order of the fields, what is left out last, slugs sorted and said once.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALL = "all"  # the feed of everything, and the scope of every published article
NOT = "not"
NAMED = "named"
SEARCH = "search"
AUTHOR = "author"
SOURCE = "source"
LANGUAGE = "language"
LICENSE = "license"
REPUBLISHABLE = "republishable"  # in place of a license: whichever lets others republish in full
MOST_SLUGS = 8
_LONGEST = 1_000  # characters
_SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


class Misspelt(ValueError):
    """A text that means no selection; says what is wrong with it."""


class Term(Struct, frozen=True):
    """One condition of a selection: any of these slugs in that field, or none of them."""

    field: str  # "author", "source", "language", "license", or a taxonomy's name
    slugs: tuple[str, ...]
    negated: bool = False

    @property
    def path(self) -> str:
        """How it stands in an address."""
        return f"{f'{NOT}/' if self.negated else ''}{self.field}/{','.join(self.slugs)}"


class Selection(Struct, frozen=True):
    """The articles that meet every term; no term selects all. Or those that answer a query."""

    terms: tuple[Term, ...] = ()
    name: str | None = None  # by which config.toml calls it
    query: str | None = (
        None  # in canonical spelling, as words.query() has it; then there are no terms
    )

    @property
    def path(self) -> str:
        """Its address below /feeds/, without extension; canonical if parse() or canonical() made it.

        A search is told by the query after that, too.
        """
        if self.query is not None:
            return SEARCH
        if self.name is not None:
            return f"{NAMED}/{self.name}"
        return "/".join(term.path for term in self.terms) or ALL


def parse(text: str, fields: Sequence[str]) -> Selection:
    """The selection that a text means, as canonical() has it.

    Raises:
        Misspelt: It means none.
    """
    if text == ALL:
        return Selection()
    if len(text) > _LONGEST:
        raise Misspelt(f"longer than {_LONGEST} characters")
    terms = list(_terms(iter(text.split("/")), fields))
    if sum(len(term.slugs) for term in terms) > MOST_SLUGS:
        raise Misspelt(f"names more than {MOST_SLUGS} things")
    return canonical(Selection(tuple(terms)), fields)


def canonical(selection: Selection, fields: Sequence[str]) -> Selection:
    """The same selection in the one spelling that all others redirect to."""
    wanted = [it for it in map(_tidy, selection.terms) if not it.negated]
    narrow = [it for it in wanted if not any(_is_within(other, it) for other in wanted)]
    refused: dict[str, set[str]] = {}
    for it in selection.terms:
        if it.negated:
            refused.setdefault(it.field, set()).update(it.slugs)
    left_out = [_tidy(Term(field, tuple(slugs), negated=True)) for field, slugs in refused.items()]
    ordered = sorted(
        dict.fromkeys([*narrow, *left_out]),
        key=lambda it: (it.negated, fields.index(it.field), it.slugs),
    )
    return replace(selection, terms=tuple(ordered))


def _terms(words: Iterator[str], fields: Sequence[str]) -> Iterator[Term]:
    for word in words:
        negated = word == NOT
        field = next(words, "") if negated else word
        if field not in fields:
            raise Misspelt(_unknown(field, fields))
        slugs = next(words, "").split(",")
        if not all(map(_SLUG.fullmatch, slugs)):
            raise Misspelt(
                f'"{field}" is to be followed by one or more slugs, such as "{field}/a,b"'
            )
        yield Term(field, tuple(slugs), negated)


def _unknown(field: str, fields: Sequence[str]) -> str:
    near = get_close_matches(field, fields, n=1)
    known = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(fields)}"
    return f'there is no field "{field[:40]}"; {known}'


def _tidy(term: Term) -> Term:
    return replace(term, slugs=tuple(sorted(set(term.slugs))))


def _is_within(term: Term, other: Term) -> bool:
    """Whether all that meets the one meets the other, which then says nothing."""
    return term.field == other.field and set(term.slugs) < set(other.slugs)
