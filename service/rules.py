"""Pure: a source's entry becomes an article of ours, or is refused with a reason to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds import sanitize
from feeds.identity import is_absolute
from feeds.text import shorten, slugify
from service.model import Article, Author, AuthorKind, Category, Contributor, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Category as Term
    from feeds.model import Entry, Feed, License, Person
    from service.config import Config, SourceSettings

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_SKEW = timedelta(days=1)  # how far ahead of us an honest clock may be
_NOBODY = frozenset(
    {"", "admin", "administrator", "staff", "editor", "editors", "webmaster", "root"}
)
_TITLE_FROM_TEXT = 80  # characters


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that does not become an article, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that can be published, and what was wrong with the one that came."""

    when: datetime
    flaw: str | None = None


def apply(
    entry: Entry,
    feed: Feed,
    settings: SourceSettings,
    config: Config,
    *,
    first_seen: datetime,
    now: datetime,
) -> Article | Refusal:
    """What an entry of a source becomes. `feed` is the head of the document that it stood in."""
    head = entry.origin or feed  # what the entry inherits from (RFC 4287 section 4.2.11)
    license_ = _license(entry.license or head.license, settings, config)
    if license_ and config.licenses[license_].republish == "none":
        return Refusal(f"its license {license_!r} allows no republication")
    content = sanitize.clean(entry.content or "", base=entry.base or entry.link or settings.url)
    summary = entry.summary or sanitize.summary(content)
    title = entry.title or (shorten(summary, _TITLE_FROM_TEXT) if summary else None)
    if title is None:
        return Refusal("it has neither title nor text")
    published = date(entry.published or entry.updated, first_seen=first_seen, now=now)
    updated = date(entry.updated or entry.published, first_seen=first_seen, now=now)
    return Article(
        title=title,
        slug=slugify(title, "article"),
        content=content,
        summary=summary or None,
        published=published.when,
        updated=max(updated.when, published.when),
        language=entry.language or feed.language or settings.language,
        authors=tuple(_authors(entry.authors or head.authors, settings)),
        contributors=tuple(_contributors(entry.contributors, settings)),
        categories=tuple(_categories(entry.categories, settings, config)),
        origins=(_origin(entry, feed, settings),),
        source=settings.slug,
        rights=entry.rights or head.rights or settings.rights,
        license=license_,
        canonical_url=entry.via or entry.link,
        discussion_url=entry.discussion,
        media=entry.media,
        guid=entry.id if entry.id and is_absolute(entry.id) else None,
    )


def date(given: datetime | None, *, first_seen: datetime, now: datetime) -> Dated:
    """A date that can stand in a feed (DED-09): none, before 1990 or far ahead means first seen."""
    if given is None:
        return Dated(first_seen, "no date that can be read")
    if given < _OLDEST:
        return Dated(first_seen, f"a date before 1990 ({given:%Y-%m-%d})")
    if given > now + _SKEW:
        return Dated(first_seen, f"a date in the future ({given:%Y-%m-%d %H:%M} UTC)")
    return Dated(min(given, now))


def flaws(entry: Entry, *, first_seen: datetime, now: datetime) -> str:
    """What was wrong with an entry's dates, for the record; empty when nothing was."""
    given = entry.published or entry.updated
    return date(given, first_seen=first_seen, now=now).flaw or ""


def _license(named: License | None, settings: SourceSettings, config: Config) -> str | None:
    """The license that upstream names, if config.toml knows it, else the source's."""
    if named:
        for name, known in config.licenses.items():
            if known.uri and known.uri == named.uri:
                return name
    return settings.license


def _authors(people: Iterable[Person], settings: SourceSettings) -> Iterator[Author]:
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


def _contributors(people: Iterable[Person], settings: SourceSettings) -> Iterator[Contributor]:
    for person in people:
        yield Contributor(author=_author(person, settings), role=person.role or "contributor")


def _categories(
    terms: Iterable[Term], settings: SourceSettings, config: Config
) -> Iterator[Category]:
    """The source's own categories, then every upstream term that config.toml declares."""
    wanted = [(scheme, slug) for scheme, slugs in settings.categories.items() for slug in slugs]
    wanted += [found for term in terms for found in _recognised(term, config)]
    for scheme, slug in dict.fromkeys(wanted):
        known = config.taxonomies[scheme].terms.get(slug)
        label = known.label if known else slug.replace("-", " ").capitalize()
        yield Category(
            scheme=scheme,
            slug=slug,
            label=label,
            description=known.description if known else None,
            closed=known.closed if known else False,
        )


def _recognised(term: Term, config: Config) -> Iterator[tuple[str, str]]:
    """Where a term belongs here: its scheme ends in a taxonomy's name, or it names no scheme."""
    slugs = {slugify(term.term, ""), slugify(term.label or "", "")}
    hint = urlsplit(term.scheme).path.rstrip("/").rpartition("/")[2] if term.scheme else None
    for scheme, taxonomy in config.taxonomies.items():
        if hint is None or hint == scheme or term.scheme == taxonomy.iri:
            yield from ((scheme, slug) for slug in taxonomy.terms if slug in slugs)


def _origin(entry: Entry, feed: Feed, settings: SourceSettings) -> Origin:
    """Where it was first published: what the entry says of its origin wins over who sent it."""
    first = entry.origin
    return Origin(
        source=settings.slug,
        title=(first and first.title) or settings.name,
        home=(first and first.home) or settings.home or feed.link,
        feed=(first and first.feed) or feed.self_link or settings.url,
        feed_id=first.id if first else feed.id,
        url=entry.via or entry.link,
        entry_id=entry.id,
        updated=first.updated if first else feed.updated,
        rights=first.rights if first else feed.rights,
        license=_license_uri(entry, feed),
    )


def _license_uri(entry: Entry, feed: Feed) -> str | None:
    held = entry.license or (entry.origin and entry.origin.license) or feed.license
    return held.uri if held else None
