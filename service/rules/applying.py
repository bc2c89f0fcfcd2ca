"""apply(): an entry becomes an article, put together from what each rule makes of its part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds import sanitize
from feeds.identity import is_absolute
from feeds.model import MediaRole
from feeds.text import shorten, slugify
from feeds.tracking import untracked
from service.config import duration_text
from service.model import Article, Status, Verdict
from service.rules.bylines import authors_of, contributors_of
from service.rules.dating import date
from service.rules.filing import categories_of
from service.rules.filtering import kept_out
from service.rules.origins import origin_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from feeds.model import Entry, Feed, License, Media, Reference
    from service.config import Config, SourceSettings

_LARGEST = 2**31 - 1  # that a column of seconds or pixels holds
_TITLE_FROM_TEXT = 80  # characters


class Refusal(Struct, frozen=True):
    """An entry that does not become an article, and why."""

    reason: str
    verdict: Verdict = Verdict.REFUSED

    @property
    def told(self) -> str:
        """The reason as readers may know it: what rules a newsroom has is its own affair."""
        return self.reason if self.verdict is Verdict.REFUSED else "the newsroom no longer shows it"


def apply(
    entry: Entry,
    feed: Feed,
    settings: SourceSettings,
    config: Config,
    *,
    first_seen: datetime,
    now: datetime,
    is_taken: bool = False,
) -> Article | Refusal:
    """What an entry of a source becomes. `feed` is the head of the document that it stood in.

    Of an entry that was taken in before (`is_taken`) nobody asks how old it is.
    """
    if reason := kept_out(entry, feed, settings):
        return Refusal(reason, Verdict.EXCLUDED)
    head = entry.origin or feed  # whose rights and license the entry inherits (RFC 4287, RFC 4946)
    license_ = _license(entry.license or head.license, config)
    if reason := _forbidden(entry, license_ or settings.license, config, now):
        return Refusal(reason)
    content = content_of(entry, settings)
    summary = entry.summary or sanitize.summary(content)
    title = entry.title or (shorten(summary, _TITLE_FROM_TEXT) if summary else None)
    if title is None:
        return Refusal("it has neither title nor text", Verdict.UNREADABLE)
    published = date(entry.published or entry.updated, first_seen=first_seen, now=now)
    updated = date(entry.updated or entry.published, first_seen=first_seen, now=now)
    if not is_taken and settings.oldest and published.when < first_seen - settings.oldest:
        return Refusal(_too_old(published.when, settings.oldest), Verdict.TOO_OLD)
    release = published.when + settings.delay if settings.delay else None
    language = entry.language or feed.language or settings.language
    signed = entry.authors or head.authors or feed.authors
    return Article(
        title=title,
        slug=slugify(title, "article"),
        content=content,
        summary=summary or None,
        published=published.when,
        updated=max(updated.when, published.when),
        release=release,
        status=_status(settings, release, now),
        language=language,
        authors=tuple(authors_of(signed, settings, language)),
        contributors=tuple(contributors_of(entry.contributors, settings)),
        categories=tuple(categories_of(entry.categories, settings, config)),
        origins=(origin_of(entry, feed, settings, now),),
        source=settings.slug,
        rights=entry.rights or head.rights or settings.rights,
        license=license_,
        canonical_url=_page(entry),
        discussion_url=entry.discussion,
        in_reply_to=_reference(entry.in_reply_to),
        expires=entry.valid_until,
        media=tuple(_media(it) for it in entry.media if _is_taken(it, settings)),
        guid=entry.id if entry.id and is_absolute(entry.id) else None,
        words=entry.words if (title, content) == (entry.title, entry.content) else "",
    )


def _forbidden(entry: Entry, held: str | None, config: Config, now: datetime) -> str | None:
    """Why terms do not let it be shown: those of the license that holds, or its own time."""
    if held and config.licenses[held].republish == "none":
        return f"its license {held!r} allows no republication"
    if entry.valid_until and entry.valid_until <= now:
        return f"the time it may be shown was over at {entry.valid_until:%Y-%m-%d %H:%M} UTC"
    return None


def _page(entry: Entry) -> str | None:
    """Where it was first published."""
    page = entry.via or entry.link
    return untracked(page) if page else None


def _status(settings: SourceSettings, release: datetime | None, now: datetime) -> Status:
    """Where a new article begins; later its reviewers and its release decide."""
    if settings.review:
        return Status.DRAFT
    return Status.SCHEDULED if release and release > now else Status.PUBLISHED


def _too_old(published: datetime, oldest: timedelta) -> str:
    return (
        f"published {published:%Y-%m-%d}, and the source takes what is"
        f" at most {duration_text(oldest)} old when it comes"
    )


def _reference(given: Reference | None) -> Reference | None:
    """What an entry follows, if it names it by an id that a feed of ours can carry."""
    return given if given and is_absolute(given.ref) else None


def content_of(entry: Entry, settings: SourceSettings) -> str:
    """The clean text of an entry, as its source's rules have it."""
    content = entry.content or ""
    if entry.policy != sanitize.POLICY_VERSION:
        base = entry.base or entry.link or settings.url
        content = sanitize.clean(content, base=base, spared=settings.beacons)
    if settings.media == "all":
        return content
    return sanitize.without_media(content, pictures_only=settings.media == "no-pictures")


def _license(named: License | None, config: Config) -> str | None:
    """The license that upstream names, if config.toml knows it; else the source's holds, as it stands."""
    for name, known in config.licenses.items():
        if named and known.uri and known.uri == named.uri:
            return name
    return None


def _is_taken(it: Media, settings: SourceSettings) -> bool:
    shown = it.role is MediaRole.ILLUSTRATION or (it.type or "").startswith("image/")
    return settings.media == "all" or (settings.media == "no-pictures" and not shown)


def _media(it: Media) -> Media:
    """The media object, without sizes that are none."""
    return replace(it, duration=_size(it.duration), width=_size(it.width), height=_size(it.height))


def _size(given: int | None) -> int | None:
    return given if given is not None and given <= _LARGEST else None
