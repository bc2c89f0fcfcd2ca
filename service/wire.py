"""Connections for requests: the guard dials them, a deadline ends them, and every byte read is counted.

Each system call on a socket is given what is left of the deadline, so a server that drips is not waited for,
be it in the TLS handshake, in the headers, in a chunk's size or in the body.
"""

from __future__ import annotations

import ssl
from contextlib import closing, contextmanager
from functools import cache, partial
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct
from requests import adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from service.errors import TooLarge, TooSlow

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from datetime import timedelta

    from requests import PreparedRequest
    from urllib3 import BaseHTTPResponse

    from service.deadline import Deadline
    from service.guard import Guard

_HEAD = 64 * 1024  # bytes of status line and headers; http.client takes 100 headers at most
_SENT = 16 * 1024  # bytes sent at a time
_PORT, _TLS_PORT = 80, 443


class Call(Struct, frozen=True):
    """A request under way: who dials, and what it may take."""

    guard: Guard
    deadline: Deadline
    connect: timedelta  # longest time to connect, TLS apart
    silence: timedelta  # longest time for a single read or write
    wire_bytes: int  # most bytes of a body and what frames it

    @contextmanager
    def answered(self, request: PreparedRequest) -> Iterator[BaseHTTPResponse]:
        """The answer, its body still to be read, for as long as the block lasts; it is asked for once."""
        with closing(self._connection(request.url or "")) as connection:
            connection.request(
                request.method or "",
                request.path_url,
                headers=request.headers,
                preload_content=False,
                decode_content=False,
            )
            with closing(connection.getresponse()) as response:
                yield response

    def limit(self, connection: socket.socket) -> None:
        """Let what is done next with a connection take no longer than it may.

        The system is told only of another time: each telling lets other threads run first.

        Raises:
            TooSlow: The deadline has passed.
        """
        seconds = self.deadline.within(self.silence)
        if connection.gettimeout() != seconds:
            connection.settimeout(seconds)

    def _connection(self, url: str) -> _Connection:
        parts = urlsplit(url)
        host = (parts.hostname or "").replace("%25", "%")  # before a zone (RFC 6874)
        within = self.deadline.within(self.silence)
        if parts.scheme == "https":
            context = _trusting(adapters.DEFAULT_CA_BUNDLE_PATH)
            return _TlsConnection(
                self, host, parts.port or _TLS_PORT, timeout=within, ssl_context=context
            )
        return _Connection(self, host, parts.port or _PORT, timeout=within)


@cache
def _trusting(authorities: str) -> ssl.SSLContext:
    """Whom TLS trusts, read once: that takes longer than all else of a request."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(authorities)
    return context


class _Connection(HTTPConnection):
    """A connection that belongs to one call."""

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call = call
        self.response_class = partial(_Response, call)  # type: ignore[assignment]  # only ever called

    def _new_conn(self) -> socket.socket:
        call = self._call
        connection = call.guard.dial(self.host, self.port, call.deadline, longest=call.connect)
        try:
            call.limit(connection)  # for the TLS handshake
        except TooSlow:
            connection.close()
            raise
        return connection

    def send(self, data: Any) -> None:
        """Nothing is sent after the deadline, even if the process was stopped since it connected."""
        if self.sock is None:
            self.connect()
        for at in range(0, len(data), _SENT):
            self._call.limit(self.sock)
            super().send(data[at : at + _SENT])


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _Response(HTTPResponse):
    """What is read from a connection."""

    def __init__(self, call: Call, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._call = call
        self._meter = _Meter(call, sock, self.fp.detach())
        self.fp = BufferedReader(self._meter)

    def begin(self) -> None:
        """Read the head; only then may there be a body."""
        super().begin()
        self._meter.most += self._call.wire_bytes


class _Meter(RawIOBase):
    """The bytes from a socket, until there are too many of them or the deadline has passed."""

    def __init__(self, call: Call, sock: socket.socket, source: RawIOBase) -> None:
        self._call = call
        self._socket = sock
        self._source = source
        self._read = 0
        self.most = _HEAD  # bytes that may be read

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come, or wait for it."""
        self._call.limit(self._socket)
        count = self._source.readinto(buffer)
        self._read += count or 0
        if self._read > self.most:
            raise TooLarge(f"more than {self.most} bytes came")
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._source.close()
        super().close()
