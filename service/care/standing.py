"""How the installation stands, in numbers that are looked up when metrics are asked for."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from service.clock import Clock, SystemClock
from service.config import database_url
from service.errors import StoreError
from service.store import Store, beats, changelog, counts, settings
from service.telemetry import exposition, metrics

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from service.config import Config
    from service.store import Transaction
    from service.telemetry.metrics import Sample


@contextmanager
def exposed(
    config: Config, listener: socket.socket, folder: Path, *, clock: Clock | None = None
) -> Iterator[None]:
    """Serve metrics on that socket while the block lasts; the service's processes share the folder."""
    store = Store(database_url(config))
    standing = Standing(store, clock or SystemClock())
    try:
        with exposition.exposed(listener, folder, standing.samples):
            yield
    finally:
        store.close()


class Standing:
    """Looks the numbers up."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def samples(self) -> list[Sample]:
        """All numbers; without an answer of the database, that it does not answer."""
        try:
            build = (version("feedwright"), self._store.version())
            with self._store.reading() as tx:
                found = [*self._content(tx), *self._work(tx)]
        except StoreError:
            return [(metrics.DATABASE_UP, (), 0.0)]
        return [(metrics.DATABASE_UP, (), 1.0), (metrics.BUILD, build, 1.0), *found]

    def _content(self, tx: Transaction) -> Iterator[Sample]:
        for status, number in counts.articles_by_status(tx).items():
            yield metrics.ARTICLES, (status,), number
        yield metrics.CHANGE, (), changelog.last(tx)
        size = counts.size(self._store, tx)
        yield metrics.DATABASE_BYTES, (), size.database
        if size.log is not None:
            yield metrics.WAL_BYTES, (), size.log

    def _work(self, tx: Transaction) -> Iterator[Sample]:
        for state, number in counts.sources_by_state(tx).items():
            yield metrics.SOURCES, (state,), number
        yield metrics.SOURCES_FAILING, (), counts.failing(tx)
        due = counts.longest_due(tx)
        late = (self._clock.now() - due).total_seconds() if due else 0.0
        yield metrics.OVERDUE_SECONDS, (), max(0.0, late)
        if (age := beats.age(tx, beats.SCHEDULER)) is not None:
            yield metrics.BEAT_AGE_SECONDS, (), age.total_seconds()
        if (in_force := settings.in_force(tx)) is not None:
            yield metrics.SETTINGS_SINCE, (), in_force.at.timestamp()
