"""WSGI: answers feeds from memory before Flask is asked, and never with what a commit has made stale.

An answer is kept under its address as Flask gave it, with the scopes it hangs on, the change number seen
before its articles were read, and the moment until which it is good. Before each use the store is asked
whether anything was committed; if so, the change log tells which answers to drop.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.http import http_date
from werkzeug.test import run_wsgi_app

from service.errors import StoreError
from service.model import EVERYTHING
from service.store import changelog
from service.store.pulse import Pulse
from service.web.conditional import Asked, Coding, coded, decide, shown
from service.web.syndication import RENDERED, cache_control

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from service.publish import Rendered
    from service.runtime import Runtime

_FEEDS = "/feeds/"
_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING"})
_OF_EACH_ANSWER = frozenset(
    {"etag", "cache-control", "content-type", "content-length", "content-encoding", "last-modified"}
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of Flask's, kept for the next reader."""

    rendered: Rendered
    media_type: str  # a whole Content-Type
    headers: tuple[tuple[str, str], ...]  # without those that differ from answer to answer
    bodies: dict[Coding, bytes] = field(default_factory=dict)

    def body(self, coding: Coding) -> bytes:
        """The body in that coding, made when it is first asked for."""
        if coding not in self.bodies:
            self.bodies[coding] = coded(self.rendered.body, coding)
        return self.bodies[coding]

    @property
    def size(self) -> int:
        """Bytes that keeping it takes, with the coding that is sure to be asked for."""
        return len(self.rendered.body) * 2


class Front:
    """The WSGI application that stands before Flask's."""

    def __init__(self, application: WSGIApplication, runtime: Runtime) -> None:
        self._application = application
        self._runtime = runtime
        self._pulse = Pulse(runtime.store)
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._beat: int | None = None
        self._change = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a feed from memory if it is there and fresh; else let Flask answer, and keep that."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not path.startswith(_FEEDS):
            return self._application(environ, start_response)
        try:
            kept = self._fresh(path)
        except StoreError:
            return self._application(environ, start_response)  # it tells readers when to come back
        if kept is None:
            return self._ask(path, environ, start_response)
        return self._answer(kept, environ, start_response)

    def _fresh(self, path: str) -> Kept | None:
        with self._lock:  # nobody looks between the news of a commit and its consequences
            self._catch_up()
            kept = self._kept.get(path)
            if kept is None:
                return None
            good_until = kept.rendered.good_until
            if good_until is not None and good_until <= self._runtime.clock.now():
                self._drop(path)
                return None
            self._kept.move_to_end(path)
            return kept

    def _catch_up(self) -> None:
        """Drop what was touched since the last look; a look that fails is made again."""
        beat = self._pulse.beat()
        if beat == self._beat:
            return
        with self._runtime.store.reading() as tx:
            if self._kept:
                self._change, touched = changelog.since(tx, self._change)
                self._drop_touched(touched)
            else:  # what changed before concerns nothing
                self._change = changelog.last(tx)
        self._beat = beat

    def _drop_touched(self, touched: frozenset[str]) -> None:
        for path, kept in list(self._kept.items()):
            if EVERYTHING in touched or touched & kept.rendered.scopes:
                self._drop(path)

    def _drop(self, path: str) -> None:
        self._size -= self._kept.pop(path).size

    def _ask(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Ask Flask, without conditions and coding; a feed is kept, everything else just passed on."""
        plain: dict[str, Any] = {
            name: value for name, value in environ.items() if name not in _CONDITIONS
        }
        rendered: list[Rendered] = []
        plain |= {"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), RENDERED: rendered}
        body, status, headers = run_wsgi_app(self._application, plain, buffered=True)
        if not rendered:
            start_response(status, list(headers))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else body
        same = tuple(pair for pair in headers if pair[0].lower() not in _OF_EACH_ANSWER)
        kept = Kept(rendered[0], headers["Content-Type"], same)
        self._keep(path, kept)
        return self._answer(kept, environ, start_response)

    def _keep(self, path: str, kept: Kept) -> None:
        """Keep it unless something was committed since its articles were read; make room for it."""
        with self._lock:
            if kept.rendered.change < self._change:
                return
            if path in self._kept:
                self._drop(path)
            self._kept[path] = kept
            self._size += kept.size
            while self._size > self._runtime.config.server.cache_bytes:
                self._drop(next(iter(self._kept)))

    def _answer(
        self, kept: Kept, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        rendered = kept.rendered
        asked = Asked(
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING"),
            if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
            if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        )
        now = self._runtime.clock.now()
        last_modified = shown(rendered.last_modified, now)
        decision = decide(asked, rendered.etag, last_modified)
        headers = [
            ("ETag", decision.etag),
            ("Cache-Control", cache_control(rendered.good_until, now)),
            *kept.headers,
        ]
        if decision.unchanged:
            start_response("304 Not Modified", headers)
            return []
        body = kept.body(decision.coding)
        start_response("200 OK", [*headers, *_of_body(kept, decision.coding, last_modified)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _of_body(
    kept: Kept, coding: Coding, last_modified: datetime | None
) -> Iterator[tuple[str, str]]:
    """The headers that only an answer with a body has."""
    yield "Content-Type", kept.media_type
    yield "Content-Length", str(len(kept.body(coding)))
    if coding is not Coding.IDENTITY:
        yield "Content-Encoding", coding.value
    if last_modified is not None:
        yield "Last-Modified", http_date(last_modified)
