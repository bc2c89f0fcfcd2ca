"""Asking other servers: conditional GET, bounded in bytes, time and redirects.

Nothing is sent but what stands here: no cookies, no Referer, nothing from netrc or the environment. So a
redirect from https to http is followed like any other: there is no login that it could give away.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from http.client import HTTPException
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
import urllib3
from msgspec import Struct, field
from msgspec.structs import replace
from requests.structures import CaseInsensitiveDict

from service.clock import SystemClock
from service.deadline import Deadline
from service.errors import AddressRefused, FetchError, TooLarge, TooManyHops, TooSlow, Unreachable
from service.guard import Guard
from service.unpacking import ACCEPTED, Body
from service.wire import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from urllib3 import BaseHTTPResponse

    from service.clock import Clock
    from service.config import Config

_RELEASE = version("feedwright")  # told once: it is read from a file of text each time
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.8, */*;q=0.1"
)
_HEADERS = {"Accept": _ACCEPT, "Accept-Encoding": ACCEPTED, "Connection": "close"}
_OF_A_FILE = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
_FIRST_BYTE = {"Range": "bytes=0-0"}
_NOT_MODIFIED = 304
_PORTION = 64 * 1024  # bytes read at a time
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")  # a header's value, RFC 9110 section 5.5
_UNREADABLE = (  # a URL that requests or urllib3 cannot make sense of
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BROKEN = (  # what ends a connection, or makes an answer none
    OSError,
    HTTPException,
    ValueError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
)


class Hop(Struct, frozen=True):
    """A redirect that was followed."""

    status: int
    url: str  # where it led


class Answer(Struct, frozen=True, kw_only=True):
    """What a server said in the end, whatever its status."""

    status: int
    url: str  # the last one asked
    headers: Mapping[str, str]  # looked up in any case
    hops: tuple[Hop, ...] = ()  # the first one's status is what the URL asked for answered
    conditional: bool = False  # validators were sent
    body: bytes = b""  # unpacked; empty unless the status is 2xx
    wire_bytes: int = 0  # of the body
    milliseconds: int = 0

    @property
    def not_modified(self) -> bool:
        """Whether what the validators stand for is still current."""
        return self.status == _NOT_MODIFIED

    @property
    def etag(self) -> str | None:
        """The ETag to send back, exactly as it came."""
        return self._validator("ETag")

    @property
    def last_modified(self) -> str | None:
        """The Last-Modified to send back, exactly as it came."""
        return self._validator("Last-Modified")

    @property
    def media_type(self) -> str | None:
        """The media type in lower case, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower() or None

    def _validator(self, name: str) -> str | None:
        value = self.headers.get(name, "")
        return value if _SENDABLE.fullmatch(value) else None


class _Question(Struct, frozen=True):
    """What is sent to every address on the way, and whether the body of the answer is read."""

    headers: Mapping[str, str]
    method: str = "GET"
    validators: Mapping[str, str] = field(default_factory=dict)
    validators_url: str | None = None  # the only address that they are sent to, if there is one
    reads: bool = True

    def validators_for(self, url: str) -> Mapping[str, str]:
        return self.validators if self.validators_url in {None, url} else {}


class Fetcher:
    """The way out: holds the guard and the limits; each request has a connection of its own."""

    def __init__(
        self, config: Config, *, clock: Clock | None = None, guard: Guard | None = None
    ) -> None:
        self._limits = config.fetch
        self._clock = clock or SystemClock()
        self._guard = guard or Guard(networks=config.fetch.networks, ports=config.fetch.allow_ports)
        contact = config.fetch.contact or config.site.public_url
        self._agent = f"feedwright/{_RELEASE} (+{contact}"

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        validators_url: str | None = None,
        subscribers: int | None = None,
        started: float | None = None,
    ) -> Answer:
        """Ask for a document, unless it is still what the validators stand for (RFC 9110 section 13).

        They are sent byte for byte, and only to `validators_url` when that is given: a redirect may
        lead elsewhere. With an ETag, the server may answer with what is new only (RFC 3229, status 226).
        `subscribers`, where their number is known, is told to the server. A status of 4xx or 5xx is an
        answer, too. The time allowed for the whole is counted from `started`, on the clock's monotonic()
        seconds, or from now: past it, nothing is sent any more.

        Raises:
            FetchError: There was no usable answer; its subclasses tell why.
        """
        told = "" if subscribers is None else f"; {subscribers} subscribers"
        question = _Question(
            headers={**_HEADERS, "User-Agent": f"{self._agent}{told})"},
            validators=_validators(etag, last_modified),
            validators_url=validators_url,
        )
        return self._answered(url, question, started)

    def head(self, url: str, *, ranged: bool = False) -> Answer:
        """Ask what a file is like, without its body: by HEAD, or by GET for its first byte, as some servers
        know only that (RFC 9110 sections 9.3.2 and 14.2). The body of the answer is empty.

        Raises:
            FetchError: There was no usable answer; its subclasses tell why.
        """
        headers = {**_OF_A_FILE, "User-Agent": f"{self._agent})", **(_FIRST_BYTE if ranged else {})}
        method = "GET" if ranged else "HEAD"
        return self._answered(url, _Question(headers, method, reads=False), None)

    def _answered(self, url: str, question: _Question, started: float | None) -> Answer:
        """Ask, and follow redirects, all within one deadline."""
        began = self._clock.monotonic()
        deadline = Deadline(self._clock, self._limits.total, started=started)
        asked, hops = [url], list[Hop]()
        while True:
            sent = question.validators_for(asked[-1])
            found = self._ask(asked[-1], question, sent, deadline)
            if isinstance(found, Answer):
                took = round((self._clock.monotonic() - began) * 1000)
                return replace(found, hops=tuple(hops), conditional=bool(sent), milliseconds=took)
            self._check_hop(found, asked)
            asked.append(found.url)
            hops.append(found)

    def _ask(
        self, url: str, question: _Question, validators: Mapping[str, str], deadline: Deadline
    ) -> Answer | Hop:
        """Not by a requests.Session, which would read the bodies of redirects, however large."""
        self._guard.check(url)
        limits = self._limits
        call = Call(self._guard, deadline, limits.connect, limits.read, limits.wire_bytes)
        headers = {**question.headers, **validators}
        with _own_errors(urlsplit(url).hostname, deadline):
            request = _prepared(question.method, url, headers)
            with call.answered(request) as response:
                return self._heard(request.url or url, response, url, reads=question.reads)

    def _heard(
        self, sent: str, response: BaseHTTPResponse, url: str, *, reads: bool
    ) -> Answer | Hop:
        headers = CaseInsensitiveDict[str](response.headers)
        if response.status in _REDIRECTS and "Location" in headers:
            return Hop(response.status, _target(sent, headers["Location"]))
        coding = headers.get("Content-Encoding", "") if reads else ""
        body = Body(coding, self._limits.body_bytes)
        if reads and response.status // 100 == 2:
            self._read(response, body)
        return Answer(
            status=response.status,
            url=url,
            headers=headers,
            body=body.whole(),
            wire_bytes=body.wire_bytes,
        )

    def _read(self, response: BaseHTTPResponse, body: Body) -> None:
        while portion := response.read(_PORTION, decode_content=False):
            if body.wire_bytes + len(portion) > self._limits.wire_bytes:
                raise TooLarge(f"more than {self._limits.wire_bytes} bytes came")
            body.put(portion)

    def _check_hop(self, hop: Hop, before: Sequence[str]) -> None:
        if hop.url in before:
            raise TooManyHops(f"the redirects go round in a circle by {urlsplit(hop.url).hostname}")
        if len(before) > self._limits.hops:
            raise TooManyHops(f"more than {self._limits.hops} redirects")


def _prepared(method: str, url: str, headers: Mapping[str, str]) -> requests.PreparedRequest:
    """A request as requests spells it; it has no body, login or cookies that it would have to look for."""
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.prepare_url(url, None)
    request.prepare_headers(headers)
    return request


def _validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    sent = {name: value for name, value in given.items() if value}
    return sent | {"A-IM": "feed"} if etag else sent


def _target(asked: str, location: str) -> str:
    """Where a redirect leads; servers write its path in UTF-8, whatever the RFCs say."""
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urldefrag(urljoin(asked, location)).url
    except ValueError as error:  # whose text may hold a password
        raise AddressRefused("a redirect to an address that cannot be read") from error


@contextmanager
def _own_errors(host: str | None, deadline: Deadline) -> Iterator[None]:
    """The errors of requests and urllib3 as ours; their own texts tell the path, which may be secret."""
    try:
        yield
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        deadline.left()
        raise TooSlow(f"{host} fell silent") from error
    except _UNREADABLE as error:
        raise AddressRefused(f"{host} is no address that can be dialled") from error
    except (
        urllib3.exceptions.DecodeError
    ) as error:  # it counts the codings, though it takes none off
        raise FetchError(f"the body cannot be unpacked: {error}") from error
    except _BROKEN as error:
        raise Unreachable(f"{host} gave no answer: {_root(error)}") from error


def _root(error: BaseException) -> str:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return f"{type(error).__name__}: {error}"
