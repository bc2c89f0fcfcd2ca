"""What a process holds open: the settings, the store, the way out to the network, and the clock."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service import store as storage
from service.clock import Clock, SystemClock
from service.config import database_url
from service.fetch import Fetcher
from service.model import EVERYTHING, Category
from service.parsing import Parser
from service.store import Store, categories, changelog, meta, sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.config import Config
    from service.store import Transaction


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything the work functions need, handed to each of them."""

    config: Config
    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock
    stopping: threading.Event = field(default_factory=threading.Event)  # begin nothing more


@contextmanager
def opened(config: Config, *, clock: Clock | None = None) -> Iterator[Runtime]:
    """A runtime for as long as the block lasts.

    Raises:
        StoreBehind, StoreAhead: The database has not this release's schema.
    """
    clock = clock or SystemClock()
    store = Store(database_url(config))
    fetcher = Fetcher(config, clock=clock)
    parser = Parser()
    try:
        storage.check(store)
        yield Runtime(config, store, fetcher, parser, clock)
    finally:
        parser.close()
        fetcher.close()
        store.close()


def prepare(config: Config, *, clock: Clock | None = None, serving: bool = False) -> None:
    """Bring the database in line with config.toml; an empty one gets its tables.

    A database of an older release is left alone: `feedwright db upgrade` is the operator's to call. Only the
    process that is about to serve (`serving`) tells all caches that documents are made otherwise now.
    """
    clock = clock or SystemClock()
    store = Store(database_url(config))
    try:
        if store.is_empty():
            storage.upgrade(store)
        storage.check(store)
        with store.writing() as tx:
            _declare(tx, config, clock.now())
            if serving and meta.adopt(tx, f"{version('feedwright')} {config.digest}"):
                changelog.append(tx, [EVERYTHING], clock.now())
    finally:
        store.close()


def _declare(tx: Transaction, config: Config, now: datetime) -> None:
    meta.found(tx, authority(config), now)
    categories.declare(tx, _declared_categories(config), now)
    sources.declare(tx, [(it.slug, it.name, it.url, it.paused) for it in config.sources], now)


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


def authority(config: Config) -> str:
    """The authority under which ids are minted (RFC 4151): the site's host, which must be a name."""
    host = urlsplit(config.site.public_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host.lower()
    return "localhost"
