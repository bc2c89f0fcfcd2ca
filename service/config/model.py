"""The meaning of config.toml, table by table. Every key's description is its documentation.

Durations are written "90s", "15m", "6h" or "1d" and held as timedelta; sizes are bytes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    WithJsonSchema,
)
from pydantic.networks import AnyHttpUrl, TypeAdapter

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"all", "search", "named", "not", "archive", "source", "author"})
_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HTTP_URL = TypeAdapter(AnyHttpUrl)


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise ValueError("a slug is lower-case ASCII letters, digits and single hyphens")
    return value


def _free_slug(value: str) -> str:
    if value in RESERVED:
        raise ValueError(f"{value!r} is a reserved word in feed addresses")
    return _slug(value)


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a duration is a number and a unit: "90s", "15m", "6h" or "1d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def duration_text(value: timedelta) -> str:
    """Write a duration the way config.toml does, in the largest unit that fits."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _url(value: str) -> str:
    parsed = _HTTP_URL.validate_python(value)
    if parsed.username or parsed.password:
        raise ValueError("a URL here carries no user name or password")
    return value


def _public_url(value: str) -> str:
    return _url(value).rstrip("/")


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError('a language is an RFC 5646 tag: "en", "pt-BR"')
    return value


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError('a time zone is an IANA name: "UTC", "Europe/Berlin"')
    return value


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
        raise ValueError('a mail address looks like "name@example.org"')
    return value


Slug = Annotated[str, AfterValidator(_slug)]
FreeSlug = Annotated[str, AfterValidator(_free_slug)]
Url = Annotated[str, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
PublicUrl = Annotated[
    str, AfterValidator(_public_url), WithJsonSchema({"type": "string", "format": "uri"})
]
Language = Annotated[str, AfterValidator(_language)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Text = Annotated[str, Field(min_length=1)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\s*[smhd]$"}),
]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, nothing is coerced, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=False)


class Contacts(Table):
    """Whom to write to."""

    editor: Mailbox | None = Field(None, description="The editors; RSS managingEditor.")
    publications: Mailbox | None = Field(None, description="For permission to republish.")
    media: Mailbox | None = Field(None, description="For media inquiries.")


class SupportLink(Table):
    """A link such as "Become a member"."""

    label: Text = Field(description="What the link says.")
    url: Url = Field(description="Where it leads.")


class Site(Table):
    """Who publishes, and where."""

    title: Text = Field(description="Name of the site.")
    description: Text = Field(description="What the site is about, in a sentence.")
    public_url: PublicUrl = Field(description="The address readers use; every link starts with it.")
    publisher: Text | None = Field(None, description="The publishing organisation; default: title.")
    language: Language = Field("en", description="RFC 5646 tag of the pages and of most articles.")
    timezone: TimeZone = Field("UTC", description="IANA time zone in which pages show dates.")
    logo: Url | None = Field(None, description="Address of a logo, twice as wide as high.")
    icon: Url | None = Field(None, description="Address of a square icon.")
    rights: Text | None = Field(None, description="Copyright line of the site's own articles.")
    license: str | None = Field(None, description="License of articles that name none.")
    disclaimer: Text | None = Field(None, description="A sentence on who answers for the content.")
    contacts: Contacts = Field(default_factory=Contacts, description="Whom to write to.")
    support: tuple[SupportLink, ...] = Field((), description='Links such as "Become a member".')

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which pages show dates."""
        return ZoneInfo(self.timezone)


class TermSettings(Table):
    """A category that should exist from the start, with what is known of it."""

    label: Text = Field(description="What people read.")
    description: Text | None = Field(None, description="What is filed here, in a sentence or two.")
    closed: bool = Field(False, description="Nothing more will be filed here; its feed is complete.")


class Taxonomy(Table):
    """A way of filing articles: theme, region, in-depth report, or one of your own."""

    title: Text = Field(description='One of them: "Theme".')
    plural: Text = Field(description='Several of them: "Themes".')
    description: Text | None = Field(None, description="What the taxonomy sorts by.")
    iri: Url | None = Field(None, description="Scheme IRI in feeds; default: its page on the site.")
    terms: dict[Slug, TermSettings] = Field(
        default_factory=dict, description="Categories that exist from the start, by slug."
    )


class License(Table):
    """Who may republish what, from one record."""

    name: Text = Field(description="What people call it.")
    uri: Url | None = Field(None, description="IRI of the license.")
    text: Text = Field(description="The terms in plain words.")
    republish: Literal["full", "summary", "none"] = Field(
        "summary",
        description="What may leave in our feeds: the full text, a summary with a link, or nothing.",
    )
    attribution: Text | None = Field(
        None, description="Credit line; {author}, {title}, {origin} and {url} are filled in."
    )


class SourceSettings(Table):
    """A partner's feed to pull."""

    slug: FreeSlug = Field(description="Lasting short name; keep it when the URL changes.")
    url: Url = Field(description="Address of the feed.")
    name: Text = Field(description="Name of the partner outlet.")
    home: Url | None = Field(None, description="Its web page; default: what the feed says.")
    organization: Text | None = Field(
        None, description='Author of entries signed by nobody or "admin"; default: name.'
    )
    license: str | None = Field(None, description="Terms of what it sends; unknown: summary only.")
    rights: Text | None = Field(None, description="Copyright line where the feed gives none.")
    language: Language | None = Field(None, description="Language where the feed gives none.")
    categories: dict[Slug, tuple[Slug, ...]] = Field(
        default_factory=dict, description="Where its entries are filed: taxonomy = [slugs]."
    )
    interval: Duration = Field(timedelta(hours=1), description="Time between polls.")
    interval_agreed: bool = Field(
        False, description="The partner agreed to polls more often than hourly."
    )
    credit_line: bool = Field(True, description="Show the original source as the last line.")
    paused: bool = Field(False, description="Do not poll for now.")


class Content(Table):
    """What is shown, and how much of it."""

    first_articles: Path | None = Field(
        None, description="Folder imported when the database is empty at the first start."
    )
    page_size: int = Field(20, ge=1, le=200, description="Articles on a page.")
    feed_size: int = Field(40, ge=1, le=100, description="Entries in a feed.")


class Fetch(Table):
    """How other servers are asked."""

    contact: Url | None = Field(None, description="In the User-Agent; default: the site's address.")
    total: Duration = Field(timedelta(seconds=20), description="Longest time for a whole fetch.")
    connect: Duration = Field(timedelta(seconds=5), description="Longest time for a connection.")
    read: Duration = Field(timedelta(seconds=5), description="Longest silence while reading.")
    wire_bytes: int = Field(5_000_000, ge=1024, description="Most bytes on the wire.")
    body_bytes: int = Field(10_000_000, ge=1024, description="Most bytes after decompression.")
    hops: int = Field(5, ge=0, le=10, description="Most redirects.")
    items: int = Field(500, ge=1, description="Most entries taken from one document.")
    gap: Duration = Field(timedelta(seconds=1), description="Pause between requests to one host.")
    hosts_at_once: int = Field(16, ge=1, le=64, description="Hosts polled at the same time.")
    allow_ports: tuple[int, ...] = Field((), description="Ports beside 80 and 443.")
    allow_networks: tuple[str, ...] = Field(
        (), description='Networks beside the public ones: "10.1.0.0/16".'
    )

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """allow_networks, parsed."""
        from ipaddress import ip_network

        return tuple(ip_network(text) for text in self.allow_networks)


class Storage(Table):
    """Where everything is kept."""

    database: SecretStr = Field(
        SecretStr("sqlite:data/feedwright.db"),
        description='"sqlite:PATH" or "postgresql://user:password@host/name".',
    )


class Server(Table):
    """How pages and feeds are served."""

    host: Text = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Web processes.")
    threads: int = Field(4, ge=1, le=64, description="Threads in each web process.")
    cache_bytes: int = Field(64_000_000, ge=0, description="Memory for ready answers, per process.")
    log: Literal["text", "json"] = Field("text", description="Form of the log lines.")


class Config(Table):
    """The whole file."""

    site: Site
    taxonomies: dict[FreeSlug, Taxonomy] = Field(default_factory=dict)
    licenses: dict[Slug, License] = Field(default_factory=dict)
    sources: tuple[SourceSettings, ...] = ()
    content: Content = Field(default_factory=Content)
    fetch: Fetch = Field(default_factory=Fetch)
    storage: Storage = Field(default_factory=Storage)
    server: Server = Field(default_factory=Server)
    file: Path | None = Field(None, exclude=True)
    digest: str = Field("", exclude=True)

    @property
    def folder(self) -> Path:
        """What relative paths in the file resolve against."""
        return self.file.parent if self.file else Path.cwd()

    def source(self, slug: str) -> SourceSettings | None:
        """The settings of that source, if the file has it."""
        return next((source for source in self.sources if source.slug == slug), None)
