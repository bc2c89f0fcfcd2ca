"""What the store keeps, as plain frozen values: the nouns that all parts of the service exchange.

Dates are aware datetimes in UTC. A field that the store assigns is zero or None until the value was saved.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.values import Value
from service.selection import ALL as ALL
from service.selection import Selection as Selection
from service.selection import Term as Term

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Media, Person, Reference

EVERYTHING = "*"  # the scope that stands for all others in the change log
DEAD_AFTER = timedelta(days=30)  # of failing polls
ARTICLE = "article:"  # what the scope of one article begins with, before its row id


class AuthorKind(StrEnum):
    """Who stands in a byline."""

    PERSON = "person"
    ORGANIZATION = "organization"


class Status(StrEnum):
    """Where an article stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"  # released when its time has come
    PUBLISHED = "published"
    RETRACTED = "retracted"  # its page answers 410, its feeds carry a tombstone
    MERGED = "merged"  # a copy of a published one, kept unseen and shown as one of its origins


class Withdrawal(Struct, frozen=True):
    """That an author or category has no page and no feeds any more; the reason is for readers."""

    at: datetime
    reason: str


class Author(Struct, frozen=True, kw_only=True):
    """A person or an organisation; `source` tells whose author it is, so two namesakes stay two."""

    name: str
    kind: AuthorKind = AuthorKind.PERSON
    uri: str | None = None
    source: str | None = None  # slug of the source it came with; None for the newsroom's own
    bio: str | None = None  # clean HTML
    avatar: str | None = None
    slug: str | None = None
    withdrawal: Withdrawal | None = None
    id: int = 0


class Contributor(Struct, frozen=True, kw_only=True):
    """Somebody credited beside the byline."""

    author: Author
    role: str  # "translator", "photographer", "editor"


class Category(Struct, frozen=True, kw_only=True):
    """A term of one of the taxonomies that config.toml declares."""

    scheme: str
    label: str
    slug: str
    description: str | None = None
    closed: bool = False  # nothing more will be filed here
    withdrawal: Withdrawal | None = None
    id: int = 0


class Origin(Struct, frozen=True, kw_only=True):
    """Where an article was first published, as its first publisher says."""

    title: str
    source: str | None = None  # slug of the source it was pulled from
    home: str | None = None
    feed: str | None = None
    feed_id: str | None = None
    url: str | None = None  # the original page
    entry_id: str | None = None  # the original id, verbatim
    updated: datetime | None = None  # of the original feed
    rights: str | None = None  # of the original feed
    license: str | None = None  # IRI
    authors: tuple[Person, ...] = ()  # of the original feed


class EditorsNote(Struct, frozen=True, kw_only=True):
    """The newsroom's own introduction, set apart from the article's text."""

    html: str  # clean HTML
    author: Author | None = None
    date: datetime | None = None


class Article(Value, frozen=True, eq=False, kw_only=True):
    """An article with all that its page and its feeds show."""

    aside = frozenset({"words"})

    title: str
    content: str  # clean HTML
    published: datetime
    updated: datetime
    slug: str
    status: Status = Status.PUBLISHED
    summary: str | None = None
    language: str | None = None
    authors: tuple[Author, ...] = ()  # in byline order
    contributors: tuple[Contributor, ...] = ()
    categories: tuple[Category, ...] = ()
    origins: tuple[Origin, ...] = ()  # the first is the one shown
    source: str | None = None  # slug of the source it was pulled from
    rights: str | None = None
    license: str | None = None  # a name from [licenses.*]
    editors_note: EditorsNote | None = None
    canonical_url: str | None = None
    discussion_url: str | None = None
    in_reply_to: Reference | None = None  # the article that it follows, corrects or answers
    media: tuple[Media, ...] = ()
    release: datetime | None = (
        None  # when it is published, if scheduled for another time than `published`
    )
    expires: datetime | None = None
    retracted: datetime | None = None
    retraction_reason: str | None = None
    guid: str | None = None  # the entry id, minted or the partner's own
    path: str | None = None  # "2026/11/slug", minted once
    words: str = ""  # of its texts, where they are worked out already
    id: int = 0

    @property
    def origin(self) -> Origin | None:
        """The origin that the page and the feeds show."""
        return self.origins[0] if self.origins else None

    @property
    def shown_under(self) -> tuple[Category, ...]:
        """The categories that it is filed under, without those that were withdrawn."""
        return tuple(it for it in self.categories if it.withdrawal is None)

    @property
    def further_origins(self) -> tuple[Origin, ...]:
        """Other publishers of the same article, each once."""
        found = {it.title.casefold(): it for it in reversed(self.origins)}
        return tuple(it for it in self.origins[1:] if found[it.title.casefold()] is it)


class Change(StrEnum):
    """What a save did to an article."""

    CREATED = "created"
    EDITED = "edited"
    UNCHANGED = "unchanged"


class Saved(Struct, frozen=True):
    """What became of one article handed to save()."""

    id: int
    path: str
    guid: str
    change: Change
    status: Status


class SourceState(StrEnum):
    """Whether a source is polled."""

    ACTIVE = "active"
    PAUSED = "paused"  # by its operator
    STOPPED = "stopped"  # upstream answered 401 or 410
    REMOVED = "removed"  # no longer in config.toml; what it brought stays


class Source(Struct, frozen=True, kw_only=True):
    """A partner's feed as the store knows it: its settings live in config.toml, its state here."""

    slug: str
    name: str
    url: str
    host: str
    state: SourceState = SourceState.ACTIVE
    etag: str | None = None  # exactly as received
    last_modified: str | None = None  # exactly as received
    validators_url: str | None = None  # the final URL they belong to
    body_digest: str | None = None
    reader_version: int = 0
    next_at: datetime | None = None
    failures: int = 0  # in a row
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_error: str | None = None
    failing_since: datetime | None = None  # the first failure of those in a row
    last_new: datetime | None = None  # when a poll last brought something new
    rhythm: timedelta | None = None  # usual time between two of its news, learned
    asked_every: timedelta | None = None  # by the feed's own ttl or sy: module
    skip_hours: tuple[int, ...] = ()  # of a day in UTC, as the feed asks
    skip_days: tuple[str, ...] = ()
    address: str | None = None  # where the URL has moved for good; asked instead of it
    move_to: str | None = None  # where permanent redirects lead at present
    move_since: datetime | None = None
    move_sightings: int = 0
    move_known: bool = False  # what is there holds entries known from the old address
    archive: str | None = None  # the next archive document to take in (RFC 5005)
    archives_left: int = 0  # how many more are to be followed
    feed_title: str | None = None
    feed_home: str | None = None
    feed_id: str | None = None
    quarantined: str | None = None  # digest of a body that no reader survived
    shared_ids: tuple[str, ...] = ()  # that stand on several of its entries, and so tell nothing
    id: int = 0

    @property
    def asked(self) -> str:
        """The address to ask."""
        return self.address or self.url

    def failing(self, now: datetime) -> timedelta | None:
        """For how long all polls have failed; None when the last one did not."""
        return None if self.failing_since is None else max(now - self.failing_since, timedelta())

    def is_dead(self, now: datetime) -> bool:
        """Whether all polls have failed for a month. It is asked still, but seldom."""
        failing = self.failing(now)
        return failing is not None and failing >= DEAD_AFTER


class PartnerToken(Struct, frozen=True, kw_only=True):
    """The right to read a partner's feed, without the secret itself."""

    id: int
    partner: str  # slug
    label: str  # whom it was given to
    created: datetime
    used: datetime | None = None  # last, to the hour
    revoked: datetime | None = None


class HostLease(Struct, frozen=True):
    """The right to talk to a host; `fence` grows with every claim, so a stale holder is known."""

    host: str
    owner: str
    fence: int
    lasting: timedelta  # from each renewal


class Verdict(StrEnum):
    """The fate of an upstream entry."""

    IMPORTED = "imported"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # a copy of an article that another source sent, too
    REFUSED = "refused"  # its license forbids it, or its time is over
    EXCLUDED = "excluded"  # by a rule of its source
    TOO_OLD = "too old"  # when it was first seen
    WAITING = "waiting"  # for a reviewer
    REJECTED = "rejected"  # by a reviewer
    CUT = "cut"  # beyond a limit: it waits for the next poll
    UNREADABLE = "unreadable"  # there is nothing in it to show


# What a poll counts as refused.
KEPT_OUT = frozenset({Verdict.REFUSED, Verdict.EXCLUDED, Verdict.TOO_OLD, Verdict.UNREADABLE})


class EntryRecord(Struct, frozen=True, kw_only=True):
    """An upstream entry as kept: its identity, its markup, and what became of it."""

    key: str
    key_kind: str
    alias: str
    markup: bytes  # packing.unpacked() tells the text; nothing where it was not kept
    raw_digest: str
    content_digest: str
    verdict: Verdict
    reason: str
    page: str | None = None  # identity.entry_page()
    published_raw: str | None = None
    updated_raw: str | None = None
    article: int | None = None  # row id of the article
    head: int | None = None  # row id of what it inherits
    first_seen: datetime | None = None
    id: int = 0


class PollResult(StrEnum):
    """How a poll ended."""

    NEW_CONTENT = "new content"
    UNCHANGED = "unchanged"  # the same body, or entries all known
    NOT_MODIFIED = "not modified"  # 304
    FAILED = "failed"
    CLAIMED = "claimed"  # begun and not yet ended
    BROKEN_OFF = "broken off"  # begun, and never to be ended; only told, never stored


class PollOutcome(Struct, frozen=True, kw_only=True):
    """One poll, written down: what was asked, what came, what was done, and when the next is due."""

    source: str
    at: datetime
    url: str
    result: PollResult
    next_at: datetime
    next_reason: str
    reason: str = ""
    http_status: int | None = None
    etag_sent: str | None = None
    last_modified_sent: str | None = None
    bytes: int = 0
    milliseconds: int = 0
    imported: int = 0
    edited: int = 0
    unchanged: int = 0
    refused: int = 0
    withdrawn: int = 0
    waiting: int = 0  # for a reviewer
    id: int = 0
