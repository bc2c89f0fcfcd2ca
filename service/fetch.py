"""Asking other servers: conditional GET, bounded in bytes, time and redirects.

Nothing is sent but what stands here: no cookies, no Referer, nothing from netrc or the environment.
The deadline is checked before each request and after each portion of a body; headers that drip in are
bounded by the time allowed for a single read only.
"""

from __future__ import annotations

import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from gzip import GzipFile
from importlib.metadata import version
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
import urllib3

from service.clock import SystemClock
from service.config import duration_text
from service.errors import AddressRefused, FetchError, TooLarge, TooManyHops, TooSlow, Unreachable
from service.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from service.clock import Clock
    from service.config import Config

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.8, */*;q=0.1"
)
_NOT_MODIFIED = 304
_PORTION = 64 * 1024  # bytes read at a time
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")  # a header's value, RFC 9110 section 5.5


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed."""

    status: int
    url: str  # where it led


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said in the end, whatever its status."""

    status: int
    url: str  # the last one asked
    headers: Mapping[str, str]  # looked up in any case
    hops: tuple[Hop, ...] = ()  # the first one's status is what the URL asked for answered
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


class Fetcher:
    """The way out: holds the transport with the guard in it, and the limits."""

    def __init__(
        self, config: Config, *, clock: Clock | None = None, guard: Guard | None = None
    ) -> None:
        self._limits = config.fetch
        self._clock = clock or SystemClock()
        self._guard = guard or Guard(networks=config.fetch.networks, ports=config.fetch.allow_ports)
        self._adapter = self._guard.adapter()
        self._headers = _headers(config)

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        validators_url: str | None = None,
    ) -> Answer:
        """Ask for a document, unless it is still what the validators stand for (RFC 9110 section 13).

        They are sent byte for byte, and only to `validators_url` when that is given: a redirect may
        lead elsewhere. A status of 4xx or 5xx is an answer, too.

        Raises:
            FetchError: There was no usable answer; its subclasses tell why.
        """
        started = self._clock.monotonic()
        deadline = started + self._limits.total.total_seconds()
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked, hops = [url], list[Hop]()
        while True:
            sent = validators if validators_url in {None, asked[-1]} else {}
            found = self._ask(asked[-1], sent, deadline)
            if isinstance(found, Answer):
                took = round((self._clock.monotonic() - started) * 1000)
                return replace(found, hops=tuple(hops), milliseconds=took)
            self._check_hop(found, asked)
            asked.append(found.url)
            hops.append(found)

    def _ask(self, url: str, validators: Mapping[str, str | None], deadline: float) -> Answer | Hop:
        self._guard.check(url)
        with (
            _own_errors(urlsplit(url).hostname),
            self._response(url, validators, deadline) as response,
        ):
            if response.is_redirect:
                return Hop(response.status_code, _target(response))
            packed = self._packed(response, deadline) if response.status_code // 100 == 2 else b""
            return Answer(
                status=response.status_code,
                url=url,
                headers=response.headers,
                body=_unpacked(packed, response.headers, self._limits.body_bytes),
                wire_bytes=len(packed),
            )

    def _response(
        self, url: str, validators: Mapping[str, str | None], deadline: float
    ) -> requests.Response:
        """Not by a requests.Session, which would read the bodies of redirects, however large."""
        left = self._left(deadline)
        connect, read = self._limits.connect.total_seconds(), self._limits.read.total_seconds()
        headers = self._headers | {name: value for name, value in validators.items() if value}
        return self._adapter.send(
            requests.Request("GET", url, headers).prepare(),
            stream=True,
            timeout=(min(connect, left), min(read, left)),
        )

    def _packed(self, response: requests.Response, deadline: float) -> bytes:
        """The body as it comes over the wire."""
        packed = bytearray()
        while portion := response.raw.read1(_PORTION, decode_content=False):
            packed += portion
            if len(packed) > self._limits.wire_bytes:
                raise TooLarge(f"more than {self._limits.wire_bytes} bytes came")
            self._left(deadline)
        return bytes(packed)

    def _left(self, deadline: float) -> float:
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise TooSlow(f"no whole answer within {duration_text(self._limits.total)}")
        return left

    def _check_hop(self, hop: Hop, before: Sequence[str]) -> None:
        if hop.url in before:
            raise TooManyHops(f"the redirects go round in a circle by {urlsplit(hop.url).hostname}")
        if len(before) > self._limits.hops:
            raise TooManyHops(f"more than {self._limits.hops} redirects")

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()


def _headers(config: Config) -> dict[str, str]:
    contact = config.fetch.contact or config.site.public_url
    return {
        "User-Agent": f"feedwright/{version('feedwright')} (+{contact})",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }


def _target(response: requests.Response) -> str:
    """Where a redirect leads; servers write its path in UTF-8, whatever the RFCs say."""
    location = response.headers["Location"].encode("latin-1", "replace").decode("utf-8", "replace")
    return urldefrag(urljoin(response.url, location)).url


@contextmanager
def _own_errors(host: str | None) -> Iterator[None]:
    """The errors of requests and urllib3 as ours; their own texts tell the path, which may be secret."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise TooSlow(f"{host} fell silent") from error
    except ValueError as error:  # InvalidURL is one, too
        raise AddressRefused(f"{host} is no address that can be dialled") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unreachable(f"{host} gave no answer: {_root(error)}") from error


def _root(error: BaseException) -> str:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return f"{type(error).__name__}: {error}"


def _gunzipped(packed: bytes, most: int) -> bytes:
    with GzipFile(fileobj=BytesIO(packed)) as file:
        return file.read(most)


def _inflated(packed: bytes, most: int) -> bytes:
    """RFC 9110 section 8.4.1.2: with zlib's wrapper, though some servers leave it out."""
    wrapped = packed[0] & 15 == 8 and int.from_bytes(packed[:2]) % 31 == 0
    stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    body = stream.decompress(packed, most)
    if not stream.eof and len(body) < most:
        raise EOFError("the compressed body ends early")
    return body


_UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "": lambda packed, most: packed[:most],
    "identity": lambda packed, most: packed[:most],
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
}


def _unpacked(packed: bytes, headers: Mapping[str, str], limit: int) -> bytes:
    if not packed:
        return b""
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in _UNPACK:
        raise FetchError(f"the body is coded as {coding!r}, which was not asked for")
    try:
        body = _UNPACK[coding](packed, limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FetchError(f"the body cannot be unpacked: {error}") from error
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes once unpacked")
    return body
