"""The one shape in the middle: what every reader returns and every writer takes.

All values are frozen. Text is plain text unless a field's name or comment says HTML. Dates are aware
datetimes in UTC. An empty text and an absent one are the same thing: None.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003  (who decodes these values looks it up)
from enum import StrEnum

from msgspec import Struct

from feeds.values import Value


class Format(StrEnum):
    """A format we write; its value is the extension in a feed's address."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The registered media type, without parameters."""
        return _MEDIA_TYPES[self]

    @property
    def label(self) -> str:
        """The name people know it by."""
        return _LABELS[self]


_MEDIA_TYPES = {
    Format.ATOM: "application/atom+xml",
    Format.RSS: "application/rss+xml",
    Format.JSON: "application/feed+json",
}
_LABELS = {Format.ATOM: "Atom", Format.RSS: "RSS", Format.JSON: "JSON Feed"}


class Person(Struct, frozen=True):
    """A person or organisation credited in a byline (RFC 4287 section 3.2)."""

    name: str
    uri: str | None = None
    email: str | None = None
    avatar: str | None = None
    role: str | None = None  # of a contributor: "translator", "photographer", "editor"


class Category(Struct, frozen=True):
    """A term of a taxonomy (RFC 4287 section 4.2.2)."""

    term: str  # the stable key
    scheme: str | None = None  # IRI of the taxonomy
    label: str | None = None  # what people read; None when it is the term itself


class Place(Struct, frozen=True):
    """A point on Earth (GeoRSS Simple, on WGS 84), in degrees."""

    latitude: float
    longitude: float


class Reference(Struct, frozen=True):
    """The entry that another one follows, corrects or answers (RFC 4685 section 3)."""

    ref: str  # the id of the entry
    href: str | None = None  # the page it can be read on
    source: str | None = None  # a feed that holds it


class License(Struct, frozen=True):
    """A license by its IRI (RFC 4946), with the name people know it by."""

    uri: str
    name: str | None = None


class MachineTerms(Struct, frozen=True):
    """What machines may do with an entry, by the vocabulary of RSL 1.0; written and not read."""

    permits: tuple[str, ...] = ()  # usages: "search", "ai-train"
    prohibits: tuple[str, ...] = ()  # usages
    users: tuple[str, ...] = ()  # whom it covers: "education"; nobody named means everybody
    payment: str | None = None  # "free", "attribution", "purchase"
    payment_url: str | None = None  # where a license is to be had
    license: str | None = None  # IRI
    republish: str | None = None  # how much others may republish: "full", "summary", "none"
    valid_until: date | None = None  # the last day on which it holds
    holder: str | None = None  # whose it is
    contact: str | None = None  # mail address to ask at
    about: str | None = None  # the page that says it to people
    document: str | None = None  # the RSL document that says the same


class MediaRole(StrEnum):
    """What a media object is to its entry."""

    ENCLOSURE = "enclosure"  # something to download or play
    ILLUSTRATION = "illustration"  # a picture shown with the text; the first is the lead image


class Media(Struct, frozen=True):
    """A media object of an entry: an RSS or Atom enclosure, or a Media RSS picture."""

    url: str
    role: MediaRole = MediaRole.ENCLOSURE
    type: str | None = None  # media type, "audio/mpeg"
    length: int | None = None  # bytes; never 0, which feeds write for what is not known
    duration: int | None = None  # seconds
    width: int | None = None  # pixels
    height: int | None = None  # pixels
    title: str | None = None
    credit: str | None = None
    description: str | None = None
    rights: str | None = None


class Origin(Struct, frozen=True):
    """The feed an entry was first published in (atom:source, RFC 4287 section 4.2.11)."""

    id: str | None = None
    title: str | None = None
    home: str | None = None  # its web page
    feed: str | None = None  # the address of the feed itself
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    rights: str | None = None
    license: License | None = None


class Entry(Value, frozen=True, eq=False):
    """One entry: an Atom entry, an RSS item, a JSON Feed item."""

    aside = frozenset(
        {
            "base",
            "content_digest",
            "markup",
            "policy",
            "published_raw",
            "raw",
            "raw_digest",
            "updated_raw",
            "words",
        }
    )

    id: str | None  # as written; None when the document gives none
    title: str | None = None
    link: str | None = None  # the permalink: where people read it
    authors: tuple[Person, ...] = ()  # in byline order
    contributors: tuple[Person, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary: str | None = None
    content: str | None = None  # HTML
    categories: tuple[Category, ...] = ()
    media: tuple[Media, ...] = ()
    rights: str | None = None
    license: License | None = None
    origin: Origin | None = None  # the feed it was first published in
    via: str | None = None  # the page it was first published on
    copies: tuple[str, ...] = ()  # other pages where it was published, too
    discussion: str | None = None  # where people talk about it
    in_reply_to: Reference | None = None
    places: tuple[Place, ...] = ()
    valid_until: datetime | None = None  # after which it may not be shown
    language: str | None = None  # RFC 5646 tag, when it differs from the feed's
    terms: MachineTerms | None = None  # what machines may do with it
    # The rest tells how the entry was read; writers and comparisons pass over it.
    published_raw: str | None = None  # a date exactly as written
    updated_raw: str | None = None
    base: str | None = None  # what its relative URLs resolve against
    raw: str = ""  # the entry's own markup
    markup: bytes = b""  # the same, packed to be kept
    raw_digest: str = ""  # identity.raw_digest() of it
    policy: int = 0  # of the sanitiser that cleaned its content; 0: none
    content_digest: str = ""  # identity.content_digest() as it was read
    words: str = ""  # of its texts, as a search wants them


class Tombstone(Struct, frozen=True):
    """An entry its publisher has withdrawn (at:deleted-entry, RFC 6721)."""

    ref: str  # the id of the entry
    when: datetime
    comment: str | None = None


class Feed(Value, frozen=True, eq=False):
    """A whole document: its head, its entries newest first, and its tombstones."""

    aside = frozenset({"base", "dialect", "problems", "truncated", "unchanged"})

    id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    link: str | None = None  # the web page it belongs to
    self_link: str | None = None  # where it is served
    language: str | None = None  # RFC 5646 tag
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    editor: str | None = None  # RSS managingEditor, "mail@example.org (Name)"
    rights: str | None = None
    license: License | None = None
    categories: tuple[Category, ...] = ()
    icon: str | None = None  # square
    logo: str | None = None
    generator: str | None = None
    docs: str | None = None  # a page that explains the feed's extensions
    stylesheet: str | None = None  # CSS for whoever opens the document in a browser
    hubs: tuple[str, ...] = ()
    ttl: int | None = None  # minutes, RSS
    skip_hours: tuple[int, ...] = ()  # GMT, RSS
    skip_days: tuple[str, ...] = ()  # English names, RSS
    update_seconds: int | None = None  # seconds between updates by the sy: module
    previous_archive: str | None = None  # RFC 5005 section 4
    next_archive: str | None = None
    current: str | None = None
    next_page: str | None = None  # RFC 5005 section 3, JSON Feed next_url
    archive: bool = False
    complete: bool = False  # RFC 5005 section 2
    expired: bool = False  # JSON Feed: will never change again
    entries: tuple[Entry, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    # The rest tells how the document was read; writers and comparisons pass over it.
    dialect: str = ""  # "atom10", "rss20", "rss10", "json11", ...
    problems: tuple[str, ...] = ()  # what was wrong, for the operator
    truncated: bool = False  # entries at the end may be missing
    unchanged: tuple[str, ...] = ()  # known raw digests passed over
    base: str | None = None  # what relative URLs of entries resolve against
