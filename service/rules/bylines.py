"""Whom an entry's article is by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.model import Author, AuthorKind, Contributor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Person
    from service.config import SourceSettings

_NOBODY = frozenset(
    {"", "admin", "administrator", "staff", "editor", "editors", "webmaster", "root"}
)


def authors_of(people: Iterable[Person], settings: SourceSettings) -> Iterator[Author]:
    """The byline; the source's organisation where nobody signed."""
    named = [person for person in people if person.name.strip().casefold() not in _NOBODY]
    if not named:
        yield Author(
            name=_organization(settings), kind=AuthorKind.ORGANIZATION, source=settings.slug
        )
    for person in named:
        yield _author(person, settings)


def _author(person: Person, settings: SourceSettings) -> Author:
    organizations = {settings.name.casefold(), _organization(settings).casefold()}
    is_organization = person.name.strip().casefold() in organizations
    return Author(
        name=person.name,
        kind=AuthorKind.ORGANIZATION if is_organization else AuthorKind.PERSON,
        uri=person.uri,
        avatar=person.avatar,
        source=settings.slug,
    )


def _organization(settings: SourceSettings) -> str:
    return settings.organization or settings.name


def contributors_of(people: Iterable[Person], settings: SourceSettings) -> Iterator[Contributor]:
    """Those who are credited beside the byline."""
    for person in people:
        yield Contributor(author=_author(person, settings), role=person.role or "contributor")
