"""The meaning of config.toml, table by table. The text under a key is its documentation.

Editors (the JSON Schema) and people (docs/configuration.md) read the same words. pydantic reads the
annotations at run time, so they are not postponed here.
"""

from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from pydantic import Field, PrivateAttr, SecretStr

from feeds.embeds import origin
from service.config.database import resolved
from service.config.precedence import Precedence
from service.config.provenance import Provenance
from service.config.sourcing import ListedSource, ListSettings, SourceSettings
from service.config.table import Table
from service.config.values import (
    Attribution,
    Database,
    Day,
    Duration,
    Flag,
    Folder,
    FreeSlug,
    Host,
    Language,
    LicenseName,
    Mailbox,
    Network,
    Payment,
    Point,
    Port,
    PublicUrl,
    Scheme,
    Size,
    Text,
    TimeZone,
    Url,
    Usage,
    User,
    Wait,
    Whole,
)
from service.selection import Selection


class Contacts(Table):
    """Whom readers and partners write to; shown in the foot of every page."""

    editor: Mailbox | None = None
    """The editors; also the managing editor of RSS feeds."""
    publications: Mailbox | None = None
    """Whom to ask for permission to republish."""
    media: Mailbox | None = None
    """Whom the media write to."""


class SupportLink(Table):
    """A link such as "Become a member", shown in the foot of every page."""

    label: Text
    """What the link says."""
    url: Url
    """Where it leads."""


class Site(Table):
    """Who publishes, and where."""

    title: Text
    """Name of the site."""
    description: Text
    """What the site is about, in a sentence."""
    public_url: PublicUrl
    """The address that readers use; every link and feed address starts with it."""
    publisher: Text | None = None
    """The publishing organisation; without it, the title."""
    language: Language = "en"
    """Language of the pages and of articles that name none (RFC 5646)."""
    timezone: TimeZone = "UTC"
    """IANA time zone in which pages show dates."""
    logo: Url | None = None
    """Address of a logo, twice as wide as high."""
    icon: Url | None = None
    """Address of a square icon, at least 512 pixels."""
    rights: Text | None = None
    """Copyright line of the site's own articles."""
    license: Text | None = None
    """Name of the license of articles that name none: one of `[licenses.*]`."""
    disclaimer: Text | None = None
    """Who answers for the content, in a sentence; shown with every article and on the page of terms."""
    contacts: Contacts = Contacts()
    """Whom to write to."""
    support: tuple[SupportLink, ...] = ()
    """Links such as "Become a member"."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which pages show dates."""
        return ZoneInfo(self.timezone)


class TermSettings(Table):
    """A category that exists from the start; others come with the first article filed there."""

    label: Text
    """What people read."""
    description: Text | None = None
    """What is filed here, in a sentence or two."""
    point: Point | None = None
    """Where a region lies; feeds carry it with each article filed here (GeoRSS)."""
    closed: Flag = False
    """Nothing more will be filed here; its feed is complete."""
    formerly: tuple[FreeSlug, ...] = ()
    """Slugs that it had before: what is filed under one of them moves here, and their addresses redirect."""
    license: Text | None = None
    """Name of the license of what is filed here and names none; the strictest of several categories holds."""


class Taxonomy(Table):
    """A way of filing articles, such as theme, region or report. Each of its categories has a page and feeds.

    The name in the header stands in addresses: `/feeds/theme/energy.atom`.
    """

    title: Text
    """One of them: "Theme"."""
    plural: Text
    """Several of them: "Themes"."""
    description: Text | None = None
    """What the taxonomy sorts by."""
    iri: Url | None = None
    """What names the taxonomy in feeds; without it, its page on the site."""
    terms: dict[FreeSlug, TermSettings] = {}
    """Categories that exist from the start."""


class License(Table):
    """Who may republish what. The name in the header is what articles, sources and the site refer to."""

    name: Text
    """What people call it."""
    uri: Url | None = None
    """Address that names the license in feeds, such as that of its deed."""
    text: Text
    """The terms in plain words."""
    republish: Literal["full", "summary", "none"] = "summary"
    """How much others may republish: the full text, a summary with a link, or nothing. Partners' texts leave
    in our feeds by the same measure."""
    feeds: Literal["full", "summary", "none"] | None = None
    """How much of the newsroom's own articles its feeds carry; without it, as much as may be republished."""
    attribution: Attribution | None = None
    """Credit line; `{title}`, `{authors}`, `{source}` and `{url}` are filled in."""
    valid_until: Day | None = None
    """Last day on which it holds, in the site's time zone; afterwards a summary with a link may leave."""
    contact: Mailbox | None = None
    """Whom to ask for more than it allows; without it, the site's `publications`."""
    permits: tuple[Usage, ...] = ()
    """Uses by machines that it allows, told in `/license.xml` and in feeds (RSL 1.0)."""
    prohibits: tuple[Usage, ...] = ()
    """Uses by machines that it forbids; a prohibition wins."""
    users: tuple[User, ...] = ()
    """Whom it covers; without it, everybody."""
    payment: Payment | None = None
    """What the allowed uses cost."""
    payment_url: Url | None = None
    """Where a license for machines is to be had."""


class NamedSelection(Table):
    """A selection with a title, an address and a feed id of its own, whatever it is changed to later.

    Its feed is `/feeds/named/NAME.atom`.
    """

    title: Text
    """What its feed and page are called."""
    description: Text | None = None
    """What is found there, in a sentence."""
    path: Text
    """What it selects, written as in the address of a feed: `"theme/energy,climate/not/author/jane-doe"`."""
    entries: Literal["full", "summary"] | None = None
    """How much of each article its feed carries, where its license allows as much; without it, as
    `[content]` says."""


class PartnerSettings(Table):
    """A partner that republishes from a feed of its own, behind a secret address. Repeat the table for each.

    `feedwright partner token add PARTNER` makes such an address.
    """

    slug: FreeSlug
    """Lasting short name."""
    name: Text
    """Name of the partner."""
    licenses: tuple[Text, ...] = ()
    """Names of the licenses that cover it: articles under them go to it in full, whatever others may have."""
    selection: Text = "all"
    """What it gets, written as in the address of a feed: `"theme/energy/not/source/lantern"`."""
    text: Literal["full", "summary"] = "full"
    """How much of each article it gets, where the license allows as much."""
    items: Annotated[Whole, Field(ge=1, le=500)] = 40
    """Entries in its feed."""


class Content(Table):
    """What is shown, and how much of it."""

    first_articles: Folder | None = None
    """Folder of Markdown articles, taken in once: when serving starts and the database holds no article."""
    page_size: Annotated[Whole, Field(ge=1, le=200)] = 20
    """Articles on a page."""
    feed_size: Annotated[Whole, Field(ge=1, le=100)] = 40
    """Entries in a feed; those that no archive holds yet come on top, fewer than 50."""
    feed_bytes: Annotated[Whole, Field(ge=100_000, le=10_000_000)] = 1_000_000
    """Most bytes of a feed. Beyond that older entries are left out; those that its archives do not hold yet
    stand without their text. Archives stand in full."""
    entries: Literal["full", "summary"] = "full"
    """How much of each article feeds carry, where its license allows as much; pictures and recordings stay.
    Named selections may say otherwise; partners' feeds have their own `text`."""
    tombstones: Duration = timedelta(days=90)
    """How long feeds tell that an article was withdrawn, and why."""


class Fetch(Table):
    """How partners' servers are asked."""

    contact: Url | None = None
    """Address in the User-Agent under which partners find us; without it, the site's."""
    total: Wait = timedelta(seconds=20)
    """Longest time for a whole fetch."""
    connect: Wait = timedelta(seconds=5)
    """Longest time to connect."""
    read: Wait = timedelta(seconds=5)
    """Longest silence while reading."""
    wire_bytes: Size = 5_000_000
    """Most bytes that an answer may have on the wire."""
    body_bytes: Size = 10_000_000
    """Most bytes that an answer may have once unpacked."""
    hops: Annotated[Whole, Field(ge=0, le=10)] = 5
    """Most redirects followed."""
    items: Annotated[Whole, Field(ge=1, le=10_000)] = 500
    """Most entries taken from one document."""
    interval_most: Wait = timedelta(days=1)
    """Longest time between polls of a source that seldom has news."""
    archives: Annotated[Whole, Field(ge=0, le=1_000)] = 10
    """Most archive documents followed back when a source is polled for the first time (RFC 5005)."""
    gap: Duration = timedelta(seconds=1)
    """Pause between two requests to one host."""
    shared_hosts: tuple[Text, ...] = (
        "feeds.acast.com",
        "feeds.buzzsprout.com",
        "feeds.feedburner.com",
        "feeds.megaphone.fm",
        "feeds.simplecast.com",
        "feeds.transistor.fm",
        "github.com",
        "medium.com",
        "rss.art19.com",
        "www.reddit.com",
        "www.youtube.com",
    )
    """Hosts where many publishers have feeds: a 429 for one feed there does not pause the others."""
    hosts_at_once: Annotated[Whole, Field(ge=1, le=64)] = 16
    """Hosts polled at the same time; each gets one request at a time."""
    allow_ports: tuple[Port, ...] = ()
    """Ports that may be dialled beside 80 and 443."""
    allow_networks: tuple[Network, ...] = ()
    """Networks that may be dialled beside the public ones: `["10.1.0.0/16"]`."""

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """allow_networks, parsed."""
        return tuple(ip_network(text) for text in self.allow_networks)


class Storage(Table):
    """Where everything is kept."""

    database: Database = SecretStr("sqlite:data/feedwright.db")
    """`"sqlite:PATH"` or `"postgresql://user:password@host/name"`."""
    media: Annotated[Folder, Field(validate_default=True)] = Path("data/media")
    """Folder of the pictures that imports take along; a backup of the database does not hold them."""


class Server(Table):
    """How pages and feeds are served."""

    host: Host = "127.0.0.1"
    """Address to listen on; "0.0.0.0" for all of them."""
    port: Port = 8000
    """Port to listen on."""
    workers: Annotated[Whole, Field(ge=1, le=64)] = 1
    """Web processes."""
    threads: Annotated[Whole, Field(ge=1, le=64)] = 4
    """Threads in each web process."""
    cache_bytes: Annotated[Whole, Field(ge=0, le=1_000_000_000_000)] = 64_000_000
    """Memory for ready answers in each web process; 0 for none."""
    log: Literal["text", "json"] = "text"
    """Form of the log lines."""
    statistics: Flag = True
    """Count the readers of each feed, by day and without keeping who they are."""
    statistics_kept: Wait = timedelta(days=365)
    """How long those numbers stay."""
    proxies: tuple[Network, ...] = ()
    """Networks of the proxies in front, whose X-Forwarded-For tells who asks: `["127.0.0.1/32"]`."""
    metrics_port: Port | None = None
    """Port of 127.0.0.1 on which Prometheus finds `/metrics`; without it, there are none."""

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """proxies, parsed."""
        return tuple(ip_network(text) for text in self.proxies)


class Config(Table):
    """The whole file."""

    site: Site
    """Who publishes, and where."""
    taxonomies: dict[Scheme, Taxonomy] = {}
    """Ways of filing articles."""
    licenses: dict[LicenseName, License] = {}
    """Who may republish what."""
    sources: tuple[SourceSettings, ...] = ()
    """Partners' feeds to pull."""
    lists: tuple[ListSettings, ...] = ()
    """Lists of feeds, each of which becomes a source."""
    selections: dict[FreeSlug, NamedSelection] = {}
    """Selections with a name of their own."""
    partners: tuple[PartnerSettings, ...] = ()
    """Partners with feeds of their own."""
    content: Content = Content()
    """What is shown, and how much of it."""
    fetch: Fetch = Fetch()
    """How partners' servers are asked."""
    storage: Storage = Storage()
    """Where everything is kept."""
    server: Server = Server()
    """How pages and feeds are served."""

    _provenance: Provenance | None = PrivateAttr(
        None
    )  # private, so that no key of the file sets it

    def model_post_init(self, context: Any, /) -> None:
        """Take over where the file was read."""
        if isinstance(context, Provenance):
            self._provenance = context

    @property
    def file(self) -> Path | None:
        """The file it was read from, absolute; None when it was made in memory."""
        return self._provenance.file if self._provenance else None

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal; empty when it was made in memory."""
        return self._provenance.digest if self._provenance else ""

    @property
    def file_digest(self) -> str:
        """The same without what lists have brought."""
        return self.digest.partition("+")[0]

    @property
    def listed(self) -> tuple[ListedSource, ...]:
        """The sources that lists have brought, as far as that was looked up."""
        return self._provenance.listed if self._provenance else ()

    def with_provenance(self, *, digest: str, listed: tuple[ListedSource, ...]) -> Self:
        """A copy that knows what lists have brought; one that was made in memory knows of no lists."""
        copied = self.model_copy()
        if self._provenance:
            copied.model_post_init(replace(self._provenance, digest=digest, listed=listed))
        return copied

    @property
    def every_source(self) -> tuple[SourceSettings, ...]:
        """The sources of the file and those of its lists."""
        return (*self.sources, *self.listed)

    @property
    def folder(self) -> Path:
        """What relative paths in the file resolve against."""
        return self.file.parent if self.file else Path.cwd()

    def is_brief(self, selection: Selection) -> bool:
        """Whether its feed carries summaries only, whatever the license of an article."""
        own = self.selections[selection.name].entries if selection.name else None
        return (own or self.content.entries) == "summary"

    def partner(self, slug: str) -> PartnerSettings | None:
        """The settings of that partner, if the file has it."""
        return next((it for it in self.partners if it.slug == slug), None)

    def source(self, slug: str) -> SourceSettings | None:
        """The settings of that source, if the file or one of its lists has it."""
        return self._by_slug.get(slug)

    def pulled(self, slug: str) -> SourceSettings | None:
        """The settings of what is polled under that slug: a source, or a list."""
        return self.source(slug) or next((it for it in self.lists if it.row == slug), None)

    @cached_property
    def precedence(self) -> Precedence:
        """Which license holds for what."""
        return Precedence.of(self)

    @cached_property
    def embed_origins(self) -> tuple[str, ...]:
        """Where the frames on pages may come from."""
        return tuple(sorted({origin(it) for source in self.every_source for it in source.embeds}))

    @cached_property
    def _by_slug(self) -> dict[str, SourceSettings]:
        return {source.slug: source for source in self.every_source}


def database_url(config: Config) -> str:
    """The database, "sqlite:PATH" with an absolute path or "postgresql://..."; holds the password."""
    return resolved(config.storage.database.get_secret_value(), config.folder)


def media_folder(config: Config) -> Path:
    """The folder of the pictures that are kept, absolute."""
    return config.folder / config.storage.media
