"""What a process holds open: the settings, the store, the way out to the network, and the clock."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from service import config as configuration
from service import store as storage
from service import terms
from service.clock import Clock, SystemClock
from service.config import database_url
from service.config.database import resolved
from service.config.differing import differences
from service.errors import Outdated, ServiceError, StoreAhead
from service.fetch import Fetcher
from service.model import EVERYTHING, Category
from service.parsing import Parser
from service.reach import Reach
from service.store import (
    Store,
    categories,
    changelog,
    listed,
    meta,
    rescheduling,
    settings,
    sources,
)
from service.store.settings import InForce
from service.tags import Tags
from service.written import Written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.config import Config, Salvaged
    from service.config.differing import Difference
    from service.config.reviving import Start
    from service.store import Transaction

_RELEASE = version("feedwright")  # told once: it is read from a file of text each time


class Runtime(Struct, frozen=True):
    """Everything the work functions need, handed to each of them."""

    config: Config
    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock
    written: Written = field(default_factory=Written)  # by these settings
    tags: Tags = field(default_factory=Tags)  # by these settings
    reach: Reach = field(default_factory=Reach)
    stopping: threading.Event = field(default_factory=threading.Event)  # begin nothing more

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Transaction, int]]:
        """A snapshot for a document, and the newest change that it sees.

        All of the document is of the same state, settings included.

        Raises:
            Outdated: Other settings are in force in that state.
        """
        with self.store.reading() as tx:
            maker, change = settings.state(tx)
            if _digest(maker) not in (None, self.config.digest):
                raise Outdated("other settings are in force by now")
            yield tx, change

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """The same for a document that does not ask which state it is."""
        with self.snapshot() as (tx, _):
            yield tx


class Current:
    """What a process works from: a runtime that is exchanged whole when other settings come into force."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._lock = threading.Lock()

    def keep_up(self) -> bool:
        """Go by the settings in force. Gives whether they are others than before.

        Raises:
            StoreError: The database does not tell; the settings stay.
            StoreAhead: Another release has put them in force, and this one does not understand them.
        """
        with self._lock:
            held = self.runtime
            with held.store.reading() as tx:
                if _digest(settings.maker(tx)) in (None, held.config.digest):
                    return False
                found = settings.in_force(tx)
            if found is None:
                return False
            self.runtime = _with(held, _revived(found, held.config))
            return True


def _revived(found: InForce, process: Start) -> Config:
    file, digest = Path(found.file), _digest(found.maker) or ""
    try:
        return configuration.revived(found.text, file=file, digest=digest, process=process)
    except ValueError as error:
        raise StoreAhead(
            "the settings in force are of a newer release: update feedwright"
        ) from error


def _with(held: Runtime, config: Config) -> Runtime:
    """The runtime under other settings; the way out is made anew only where they concern it."""
    if (config.fetch, config.site) == (held.config.fetch, held.config.site):
        return replace(held, config=config, written=Written(), tags=Tags())
    fetcher = Fetcher(config, clock=held.clock)
    return replace(held, config=config, written=Written(), tags=Tags(), fetcher=fetcher)


def maker(config: Config) -> str:
    """By which release and settings documents are made under this configuration."""
    return f"{_RELEASE} {config.digest}"


def _digest(told: str | None) -> str | None:
    """The settings' part of a maker: processes of two releases may serve side by side."""
    return told.rpartition(" ")[2] if told else None


@contextmanager
def opened(
    config: Config, *, clock: Clock | None = None, parser: Parser | None = None
) -> Iterator[Runtime]:
    """A runtime for as long as the block lasts; a parser that is handed in stays the caller's.

    Raises:
        StoreBehind, StoreAhead: The database has not this release's schema.
    """
    clock = clock or SystemClock()
    store = Store(database_url(config))
    fetcher = Fetcher(config, clock=clock)
    own = Parser()
    try:
        storage.check(store)
        with store.reading() as tx:
            config = whole(tx, config)
        yield Runtime(config, store, fetcher, parser or own, clock)
    finally:
        own.close()
        store.close()


def prepare(config: Config, *, clock: Clock | None = None, serving: bool = False) -> None:
    """Bring the database in line with config.toml; an empty one gets its tables.

    A database of an older release is left alone: `feedwright db upgrade` is the operator's to call. The
    process that is about to serve (`serving`) puts its settings in force for all; a command does so where
    its file is the one in force.
    """
    clock = clock or SystemClock()
    store = Store(database_url(config))
    try:
        if store.is_empty():
            storage.upgrade(store)
        storage.check(store)
        with store.reading() as tx:
            config = whole(tx, config)
        if serving:
            adopt(store, config, clock)
            with store.writing() as tx:
                meta.renew(tx, _begun_key(config), configuration.begun_with(config))
            return
        if _is_news(store, config):
            adopt(store, config, clock)
            return
        with store.writing() as tx:
            if settings.maker(tx) is None:
                _declare(tx, config, clock.now())
    finally:
        store.close()


def _begun_key(config: Config) -> str:
    return f"service begun with {config.file or ''}"


def waiting(tx: Transaction, config: Config) -> list[Difference]:
    """What of these settings waits for the next start of the service; nothing before the first."""
    begun = meta.told(tx, _begun_key(config))
    if begun is None:
        return []
    return differences(json.loads(begun), json.loads(configuration.begun_with(config)))


def lasting(found: Salvaged) -> tuple[Config, datetime] | None:
    """The settings in force and since when, while the file that they came from cannot be used.

    None when nothing of that file is in force in its database.
    """
    address = resolved(found.storage.database.get_secret_value(), found.file.parent)
    store = Store(address)
    try:
        if store.is_empty():
            return None
        storage.check(store)
        with store.reading() as tx:
            kept = settings.in_force(tx)
    except ServiceError:  # the file's own errors are what has to be mended first
        return None
    finally:
        store.close()
    if kept is None or kept.file != str(found.file):
        return None
    return _revived(kept, found), kept.at


def _is_news(store: Store, config: Config) -> bool:
    """Whether the file in force is the one at hand, and says something else by now."""
    with store.reading() as tx:
        found = settings.in_force(tx)
    same_file = found is not None and found.file == str(config.file or "")
    return same_file and found is not None and _digest(found.maker) != config.digest


def adopt(store: Store, config: Config, clock: Clock) -> bool:
    """Put these settings in force for every process of the database: all of them, or on an error none.

    Gives whether they are others than before.
    """
    with store.writing() as tx:
        return _adopted(tx, whole(tx, config), clock.now())


def _adopted(tx: Transaction, config: Config, now: datetime) -> bool:
    text = configuration.kept(config)
    _declare(tx, config, now)
    is_new = settings.adopt(tx, InForce(maker(config), now, str(config.file or ""), text))
    if is_new:
        changelog.append(tx, [EVERYTHING], now)
    return is_new


def whole(tx: Transaction, config: Config) -> Config:
    """The settings with the sources that their lists have brought."""
    return configuration.with_listed(config, listed.every(tx)) if config.lists else config


def heed_lists(tx: Transaction, held: Runtime, now: datetime) -> None:
    """Let sources come and go with what lists name by now, for every process.

    Raises:
        StoreAhead: The settings in force are of another release.
    """
    kept = settings.in_force(tx)
    config = whole(tx, _revived(kept, held.config) if kept else held.config)
    if kept:
        _adopted(tx, config, now)
    else:
        _declare(tx, config, now)


def _declare(tx: Transaction, config: Config, now: datetime) -> None:
    meta.found(tx, authority(config), now)
    meta.speak(tx, config.site.language)
    meta.go_by(tx, config.precedence)
    meta.offer(tx, terms.republishable(config, now))
    rescheduling.go_by(tx, {it.slug: it.delay for it in config.every_source})
    categories.declare(tx, _declared_categories(config), now, _former_slugs(config))
    pulled = [(it.slug, it) for it in config.every_source] + [(it.row, it) for it in config.lists]
    sources.declare(tx, [(slug, it.name, it.url, it.paused) for slug, it in pulled], now)


def _declared_categories(config: Config) -> Iterator[Category]:
    for scheme, taxonomy in config.taxonomies.items():
        for slug, term in taxonomy.terms.items():
            yield Category(
                scheme=scheme,
                slug=slug,
                label=term.label,
                description=term.description,
                closed=term.closed,
            )


def _former_slugs(config: Config) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (scheme, slug): term.formerly
        for scheme, taxonomy in config.taxonomies.items()
        for slug, term in taxonomy.terms.items()
        if term.formerly
    }


def authority(config: Config) -> str:
    """The authority under which ids are minted (RFC 4151): the site's host, which must be a name."""
    host = urlsplit(config.site.public_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host.lower()
    return "localhost"
