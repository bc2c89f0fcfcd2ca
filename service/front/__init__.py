"""WSGI: answers feeds, and the lists of all there is, from memory, never with what a commit has made stale.

An answer is kept under its address as Flask gave it, that of a search with its query, with the scopes it
hangs on, the change number seen before its articles were read, and the moment until which it is good. Before
each use the store is asked whether anything was committed; if so, the change log tells which answers to drop.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from service import addresses
from service import runtime as running
from service.errors import StoreAhead, StoreError
from service.front.asking import ask
from service.front.flights import Flights
from service.front.news import News
from service.front.outage import Outage
from service.front.readers import Readers
from service.front.shelf import Shelf
from service.front.tallies import Tallies
from service.front.viewing import is_opened, shown
from service.model import EVERYTHING
from service.store import changelog
from service.store.pulse import Pulse
from service.web.health import HEALTH

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from service.front.exchange import Exchange, Slot
    from service.front.kept import Kept
    from service.front.renderer import Renderer
    from service.runtime import Current

_FEEDS = ("/feeds/", "/feeds.opml", "/sitemap.xml", "/sitemaps/")  # and the lists of all there is
_SEARCHES = "/feeds/search."  # the only addresses that hang on the query
_SAFE = frozenset({"GET", "HEAD"})
_UNAVAILABLE = "503"
_GONE = ("301", "404", "410")
_LAST_GOOD_SECONDS = 24 * 3600  # without a database, after which nothing is told any more
_WAITS = 3  # for an answer that another thread makes, before this one makes its own


class Front:
    """The WSGI application that stands before Flask's."""

    def __init__(
        self,
        application: WSGIApplication,
        current: Current,
        exchange: Exchange | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        self._application = application
        self._exchange = exchange
        self._renderer = renderer
        self._current = current
        self._store = current.runtime.store
        self._now = current.runtime.clock.now
        self._pulse = Pulse(self._store)
        self._beat: Hashable = None  # of the pulse, when the shelf was last brought up to date
        self._lock = threading.Lock()  # of the shelf, the news and _beat
        self._shelf = Shelf(current.runtime.config.server.cache_bytes)
        self._flights = Flights()
        self._news = News()  # that the shelf has heard
        self._outage = Outage()
        self.tallies = Tallies()
        self.readers = Readers(current)
        self._note = self.readers.note

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a feed from memory if it is there and fresh; else let Flask answer, and keep that.

        What is commonest stands here in a row, as each call more would show in the answers a second.
        """
        path = environ["PATH_INFO"]
        if is_opened(environ) and path.startswith(_FEEDS):
            start_response = shown(start_response)
        if path in HEALTH:
            return self._pass(environ, start_response)  # whatever holds up the database
        if self._outage.is_on and not self._is_over():
            return self._last_good(path, environ, start_response)
        try:
            is_fresh = self._pulse.beat() == self._beat
        except StoreError as error:
            return self._without_store(error, path, environ, start_response)
        if is_fresh and environ["REQUEST_METHOD"] == "GET":
            kept = self._shelf.get(path)
            ready = kept and kept.known.get(environ.get("HTTP_ACCEPT_ENCODING"))
            if ready and (ready.until is None or self._now() < ready.until):
                tag = environ.get("HTTP_IF_NONE_MATCH")
                if tag == ready.etag:
                    self.tallies.mine().unchanged += 1
                    self._note(path, environ, None)
                    start_response("304 Not Modified", ready.of_unchanged)
                    return []
                if tag is None and ready.body and "HTTP_IF_MODIFIED_SINCE" not in environ:
                    self.tallies.mine().whole += 1
                    self._note(path, environ, len(ready.body))
                    start_response("200 OK", ready.of_whole)
                    return [
                        ready.body
                    ]  # a list: Granian sends all else in pieces, ten times as slow
        return self._with_care(path, environ, start_response)

    def close(self) -> None:
        """Stop watching the database, and ask nobody for feeds any more."""
        self._pulse.close()
        if self._renderer is not None:
            self._renderer.close()

    def _with_care(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if path.startswith(_SEARCHES):
            key = addresses.search_key(path, environ.get("QUERY_STRING", ""))
            if key is None:  # nothing to be found, or a redirect
                return self._pass(environ, start_response)
            path = key
        try:
            kept = self._fresh(path)
        except StoreError as error:
            return self._without_store(error, path, environ, start_response)
        if not path.startswith(_FEEDS) or environ["REQUEST_METHOD"] not in _SAFE:
            return self._pass(environ, start_response)
        if kept is None:
            return self._made(path, environ, start_response)
        return self._answer(path, kept, environ, start_response)

    def _pass(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.tallies.mine().passed += 1
        return self._application(environ, start_response)

    def _without_store(
        self, error: StoreError, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Begin to tell what was last good, unless nothing may be told any more."""
        if isinstance(
            error, StoreAhead
        ):  # other settings are in force, which may forbid what was good
            return self._pass(environ, start_response)
        self._outage.begin()
        return self._last_good(path, environ, start_response)

    def _last_good(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """What a feed said when the database last answered (HTTP-22); else Flask tells when to come back."""
        is_feed = path.startswith(_FEEDS) and environ["REQUEST_METHOD"] in _SAFE
        kept = (self._shelf.last(path) or self._left(path)) if is_feed else None
        if kept is None or self._outage.lasts() > _LAST_GOOD_SECONDS:
            return self._pass(environ, start_response)
        self.tallies.mine().last_good += 1
        return self._answer(path, kept.last_good(), environ, start_response)

    def _left(self, path: str) -> Kept | None:
        """What another worker has made."""
        if self._exchange is None:
            return None
        with self._exchange.slot(path, running.maker(self._current.runtime.config)) as slot:
            return None if slot is None else slot.read()

    def _is_over(self) -> bool:
        """Whether the database answers again, as far as this thread is to find out."""
        if not self._outage.may_ask():
            return False
        try:
            with self._store.reading() as tx:
                changelog.last(tx)
        except StoreError:
            self._outage.begin()
            return False
        self._outage.end()
        return True

    def _fresh(self, path: str) -> Kept | None:
        """The kept answer, after all that was committed until now has had its consequences."""
        self._catch_up()
        kept = self._shelf.get(path)
        return None if kept is None or kept.is_over(self._now()) else kept

    def _catch_up(self) -> None:
        """Drop what was touched since the last look; a look that fails is made again."""
        beat = self._pulse.beat()
        if beat == self._beat:
            return
        with self._lock:  # nobody keeps anything between the news of a commit and its consequences
            with self._store.reading() as tx:
                touched = self._news.since(tx)
            if EVERYTHING in touched:
                self._current.keep_up()
            self._shelf.drop_touched(touched)
            self._news.hear(touched)
            self._beat = beat

    def _made(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Have the answer made, by one thread at a time; what another made meanwhile serves as well."""
        try:
            for _ in range(_WAITS):
                with self._flights.boarding(path) as leads:
                    kept = self._fresh(path)
                    if kept is not None:
                        return self._answer(path, kept, environ, start_response)
                    if leads:
                        return self._first(path, environ, start_response)
        except StoreError as error:
            return self._without_store(error, path, environ, start_response)
        return self._ask(path, environ, start_response)

    def _first(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Take over what another worker has made, or make the answer for all of them."""
        if self._exchange is None:
            return self._ask(path, environ, start_response)
        maker = running.maker(self._current.runtime.config)
        with self._exchange.slot(path, maker) as slot:
            kept = None if slot is None else slot.read()
            if kept is not None and not kept.is_over(self._now()) and self._keep(path, kept):
                self.tallies.mine().taken_over += 1
                return self._answer(path, kept, environ, start_response)
            return self._ask(path, environ, start_response, slot)

    def _ask(
        self,
        path: str,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        slot: Slot | None = None,
    ) -> Iterable[bytes]:
        """Have a feed made and keep it; pass everything else on as Flask answers it."""
        self.tallies.mine().rendered += 1
        kept = self._from_renderer(path)
        if kept is None:
            told = ask(self._application, environ)
            if told.status.startswith(_UNAVAILABLE) and self._shelf.last(path) is not None:
                self._outage.begin()
                return self._last_good(path, environ, start_response)
            kept = told.kept
        if kept is None:
            if told.status.startswith(_GONE):
                self._forget(path, slot)
            start_response(told.status, list(told.headers))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else told.body
        if self._keep(path, kept) and slot is not None:
            slot.write(kept)
        return self._answer(path, kept, environ, start_response)

    def _forget(self, path: str, slot: Slot | None) -> None:
        """What moved away or was withdrawn is not told any more, not even while the database is down."""
        with self._lock:
            self._shelf.forget(path)
        if slot is not None:
            slot.clear()

    def _from_renderer(self, path: str) -> Kept | None:
        if self._renderer is None:
            return None
        return self._renderer.make(path, running.maker(self._current.runtime.config))

    def _keep(self, path: str, kept: Kept) -> bool:
        """Keep it, unless it was touched by what was committed since its articles were read."""
        with self._lock:
            is_good = not self._is_touched(kept)
            if is_good:
                self._shelf.put(path, kept)
            return is_good

    def _is_touched(self, kept: Kept) -> bool:
        """Whether the shelf knows of changes that it does not: of all later ones it will hear."""
        found = self._news.concern(kept.scopes, kept.change)
        if found is not None:
            return found
        try:
            with self._store.reading() as tx:
                return self._news.look_up(tx, kept.scopes, kept.change)
        except StoreError:
            return True

    def _answer(
        self, path: str, kept: Kept, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        codings = environ.get("HTTP_ACCEPT_ENCODING")
        ready = kept.ready(codings, self._now())
        if kept.is_held(
            environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE"), ready
        ):
            self.tallies.mine().unchanged += 1
            self._note(path, environ, None)
            start_response("304 Not Modified", ready.of_unchanged)
            return []
        if not ready.body:
            ready = kept.whole(codings, self._now())
            with self._lock:
                self._shelf.weigh(path, kept)
        self.tallies.mine().whole += 1
        body = [] if environ["REQUEST_METHOD"] == "HEAD" else [ready.body]
        self._note(path, environ, sum(map(len, body)))
        start_response("200 OK", ready.of_whole)
        return body
