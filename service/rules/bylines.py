"""Whom an entry's article is by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import bylines
from feeds.model import Person
from service.config.sourcing import folded
from service.model import Author, AuthorKind, Contributor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.config import SourceSettings


def authors_of(
    people: Iterable[Person], settings: SourceSettings, language: str | None = None
) -> list[Author]:
    """The byline by the source's `bylines`, each person once; else its `authors`, or its organisation.

    `language` is that of the entry, in which a byline may say "by" and "and".
    """
    signed = [name for it in people for name in _people(it, settings, language)]
    if not signed:
        signed = [
            Person(it) for it in settings.authors or (settings.organization or settings.name,)
        ]
    named: dict[str, Person] = {}
    for person in signed:
        named.setdefault(folded(person.name), person)
    return [_author(it, name, settings) for name, it in named.items()]


def contributors_of(people: Iterable[Person], settings: SourceSettings) -> Iterator[Contributor]:
    """Those who are credited beside the byline."""
    for person in people:
        for it in _mapped(person, settings):
            role = person.role or "contributor"
            yield Contributor(author=_author(it, folded(it.name), settings), role=role)


def _people(given: Person, settings: SourceSettings, language: str | None) -> Iterator[Person]:
    """The people that a byline names; one name keeps what else is known of it."""
    if settings.signatures and folded(given.name) in settings.signatures:
        yield from _mapped(given, settings)
        return
    names = bylines.split(given.name, language=language, known=settings.named)
    for name in names:
        if name.casefold() not in bylines.NOBODY:
            person = _called(name, given) if len(names) == 1 else Person(name)
            yield from _mapped(person, settings)


def _mapped(person: Person, settings: SourceSettings) -> Iterable[Person]:
    """Whose a name is here; a name that is somebody else's does not bring its page along."""
    names = settings.signatures.get(folded(person.name)) if settings.signatures else None
    if names is None:
        return (person,)
    if len(names) == 1:
        return (_called(names[0], person),)
    return map(Person, names)


def _called(name: str, person: Person) -> Person:
    return person if person.name == name else replace(person, name=name)


def _author(person: Person, name: str, settings: SourceSettings) -> Author:
    """The person, whose folded name that is."""
    is_organization = name in settings.organizations or name in bylines.AGENCIES
    return Author(
        name=person.name,
        kind=AuthorKind.ORGANIZATION if is_organization else AuthorKind.PERSON,
        uri=person.uri,
        avatar=person.avatar,
        source=settings.slug,
    )
