"""Whom an entry's article is by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feeds import bylines
from feeds.model import Person
from service.config.sourcing import folded
from service.model import Author, AuthorKind, Contributor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.config import SourceSettings

_UNSIGNED = """admin; administrator; anonymous; author; editor; editors; guest; n/a; news desk; none;
    redacción; redaccion; redaktion; redação; redazione; rédaction; root; staff; unknown; user; web desk;
    webmaster"""
_NOBODY = frozenset(" ".join(it.split()) for it in _UNSIGNED.split(";")) | {""}


def authors_of(
    people: Iterable[Person], settings: SourceSettings, language: str | None = None
) -> Iterator[Author]:
    """The byline by the source's `bylines`, each person once; else its `authors`, or its organisation.

    `language` is that of the entry, in which a byline may say "by" and "and".
    """
    signed = [name for it in people for name in _people(it, settings, language)]
    if not signed:
        signed = [Person(it) for it in settings.authors or (_organization(settings),)]
    named: dict[str, Person] = {}
    for person in signed:
        named.setdefault(person.name.casefold(), person)
    yield from (_author(it, settings) for it in named.values())


def contributors_of(people: Iterable[Person], settings: SourceSettings) -> Iterator[Contributor]:
    """Those who are credited beside the byline."""
    for person in people:
        for it in _mapped(person, settings):
            role = person.role or "contributor"
            yield Contributor(author=_author(it, settings), role=role)


def _people(given: Person, settings: SourceSettings, language: str | None) -> Iterator[Person]:
    """The people that a byline names; one name keeps what else is known of it."""
    if folded(given.name) in settings.signatures:
        yield from _mapped(given, settings)
        return
    known = _NOBODY | _organizations(settings) | settings.signatures.keys()
    names = bylines.split(given.name, language=language, known=known)
    parts = [replace(given, name=names[0])] if len(names) == 1 else [Person(it) for it in names]
    for part in parts:
        if part.name.casefold() not in _NOBODY:
            yield from _mapped(part, settings)


def _mapped(person: Person, settings: SourceSettings) -> Iterator[Person]:
    """Whose a name is here; a name that is somebody else's does not bring its page along."""
    names = settings.signatures.get(folded(person.name))
    if names is None:
        yield person
    elif len(names) == 1:
        yield replace(person, name=names[0])
    else:
        yield from map(Person, names)


def _author(person: Person, settings: SourceSettings) -> Author:
    folded = person.name.strip().casefold()
    is_organization = folded in _organizations(settings) or folded in bylines.AGENCIES
    return Author(
        name=person.name,
        kind=AuthorKind.ORGANIZATION if is_organization else AuthorKind.PERSON,
        uri=person.uri,
        avatar=person.avatar,
        source=settings.slug,
    )


def _organizations(settings: SourceSettings) -> frozenset[str]:
    return frozenset({settings.name.casefold(), _organization(settings).casefold()})


def _organization(settings: SourceSettings) -> str:
    return settings.organization or settings.name
