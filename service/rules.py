"""Pure: a source's entry becomes an article of ours, or is refused with a reason to tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds import sanitize
from feeds.identity import is_absolute
from feeds.model import Origin as FeedOrigin
from feeds.text import shorten, slugify
from service.model import Article, Author, AuthorKind, Category, Contributor, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Category as Term
    from feeds.model import Entry, Feed, License, Media, Person, Reference
    from service.config import Config, SourceSettings

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_SKEW = timedelta(days=1)  # how far ahead of us an honest clock may be
_NOBODY = frozenset(
    {"", "admin", "administrator", "staff", "editor", "editors", "webmaster", "root"}
)
_LARGEST = 2**31 - 1  # that a column of seconds or pixels holds
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
    head = entry.origin or feed  # whose rights and license the entry inherits (RFC 4287, RFC 4946)
    license_ = _license(entry.license or head.license, config)
    held = license_ or settings.license
    if held and config.licenses[held].republish == "none":
        return Refusal(f"its license {held!r} allows no republication")
    if entry.valid_until and entry.valid_until <= now:
        return Refusal(
            f"the time it may be shown was over at {entry.valid_until:%Y-%m-%d %H:%M} UTC"
        )
    content = _clean(entry, settings)
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
        authors=tuple(_authors(entry.authors or head.authors or feed.authors, settings)),
        contributors=tuple(_contributors(entry.contributors, settings)),
        categories=tuple(_categories(entry.categories, settings, config)),
        origins=(_origin(entry, feed, settings, now),),
        source=settings.slug,
        rights=entry.rights or head.rights or settings.rights,
        license=license_,
        canonical_url=entry.via or entry.link,
        discussion_url=entry.discussion,
        in_reply_to=_reference(entry.in_reply_to),
        expires=entry.valid_until,
        media=tuple(_media(it) for it in entry.media),
        guid=entry.id if entry.id and is_absolute(entry.id) else None,
    )


def _reference(given: Reference | None) -> Reference | None:
    """What an entry follows, if it names it by an id that a feed of ours can carry."""
    return given if given and is_absolute(given.ref) else None


def _clean(entry: Entry, settings: SourceSettings) -> str:
    if entry.policy == sanitize.POLICY_VERSION:
        return entry.content or ""
    return sanitize.clean(entry.content or "", base=entry.base or entry.link or settings.url)


def date(given: datetime | None, *, first_seen: datetime, now: datetime) -> Dated:
    """A date that can stand in a feed (DED-09): none, before 1990 or far ahead means first seen."""
    if given is None:
        return Dated(first_seen, "no date that can be read")
    if given < _OLDEST:
        return Dated(first_seen, f"a date before 1990 ({given:%Y-%m-%d})")
    if given > now + _SKEW:
        return Dated(first_seen, f"a date in the future ({given:%Y-%m-%d %H:%M} UTC)")
    return Dated(given if given <= now else first_seen)


def flaws(entry: Entry, *, first_seen: datetime, now: datetime) -> str:
    """What was wrong with an entry's dates, for the record; empty when nothing was."""
    given = entry.published or entry.updated
    return date(given, first_seen=first_seen, now=now).flaw or ""


def _license(named: License | None, config: Config) -> str | None:
    """The license that upstream names, if config.toml knows it; else the source's holds, as it stands."""
    for name, known in config.licenses.items():
        if named and known.uri and known.uri == named.uri:
            return name
    return None


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


def _media(it: Media) -> Media:
    """The media object, without sizes that are none."""
    return replace(it, duration=_size(it.duration), width=_size(it.width), height=_size(it.height))


def _size(given: int | None) -> int | None:
    return given if given is not None and given <= _LARGEST else None


def _contributors(people: Iterable[Person], settings: SourceSettings) -> Iterator[Contributor]:
    for person in people:
        yield Contributor(author=_author(person, settings), role=person.role or "contributor")


def _categories(
    terms: Iterable[Term], settings: SourceSettings, config: Config
) -> Iterator[Category]:
    """The source's own categories, then every upstream term that config.toml declares, if still open."""
    wanted = [(scheme, slug) for scheme, slugs in settings.categories.items() for slug in slugs]
    wanted += [found for term in terms for found in _recognised(term, config)]
    for scheme, slug in dict.fromkeys(wanted):
        known = config.taxonomies[scheme].terms.get(slug)
        if known and known.closed:
            continue
        label = known.label if known else slug.replace("-", " ").capitalize()
        yield Category(
            scheme=scheme,
            slug=slug,
            label=label,
            description=known.description if known else None,
        )


def _recognised(term: Term, config: Config) -> Iterator[tuple[str, str]]:
    """Where a term belongs here: its scheme ends in a taxonomy's name, or it names no scheme."""
    slugs = {slugify(term.term, ""), slugify(term.label or "", "")}
    hint = urlsplit(term.scheme).path.rstrip("/").rpartition("/")[2] if term.scheme else None
    for scheme, taxonomy in config.taxonomies.items():
        if hint is None or hint == scheme or term.scheme == taxonomy.iri:
            yield from ((scheme, slug) for slug in taxonomy.terms if slug in slugs)


def _origin(entry: Entry, feed: Feed, settings: SourceSettings, now: datetime) -> Origin:
    """Where it was first published: as the entry says, or else the feed that brought it.

    The two are never mixed: one publisher's name would stand with another's addresses.
    """
    first = entry.origin or _own(feed, settings)
    return Origin(
        source=settings.slug,
        title=first.title or settings.name,
        home=first.home,
        feed=first.feed,
        feed_id=first.id,
        url=entry.via or entry.link,
        entry_id=entry.id,
        updated=first.updated and min(first.updated, now),
        authors=first.authors,
        rights=first.rights,
        license=first.license.uri if first.license else None,
    )


def _own(feed: Feed, settings: SourceSettings) -> FeedOrigin:
    """The source's feed itself as an origin."""
    return FeedOrigin(
        id=feed.id,
        title=settings.name,
        home=settings.home or feed.link,
        feed=feed.self_link or settings.url,
        updated=feed.updated,
        authors=feed.authors,
        rights=feed.rights,
        license=feed.license,
    )
