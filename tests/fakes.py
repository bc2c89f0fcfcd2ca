"""Stand-ins for what lies outside: a clock that is set by hand, and an upstream server on loopback."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import chain, repeat
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class ManualClock:
    """A service.clock.Clock that moves only when it is told to, or when somebody sleeps on it."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> datetime:
        """The time that was set."""
        return self._now

    def monotonic(self) -> float:
        """The seconds that have passed."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.advance(seconds)

    def set(self, now: datetime) -> None:
        """Set the time of day; what has passed by the monotonic clock stays."""
        self._now = now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for, and when."""

    method: str
    path: str  # with its query
    headers: Message  # looked up in any case
    monotonic: float  # seconds; when it arrived, however late it was read


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bool = False  # the body is the whole answer, with status line and headers
    piece: int = 1 << 20  # bytes of the body sent at a time
    pause: float = 0.0  # seconds before each piece
    endless: bytes = b""  # what is sent after the body, again and again


Script = Reply | Callable[[Request], Reply]


def conditional(reply: Reply) -> Callable[[Request], Reply]:
    """The reply with an ETag made of its body, and 304 for who has that one already."""
    etag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    full = replace(reply, headers={"ETag": etag, **reply.headers})

    def answer(request: Request) -> Reply:
        known = (request.headers["If-None-Match"], request.headers["If-Modified-Since"])
        current = (full.headers["ETag"], full.headers.get("Last-Modified"))
        if known[0] == current[0] or (known[0] is None and known[1] and known[1] == current[1]):
            return Reply(304, full.headers)
        return full

    return answer


class Upstream:
    """A server on loopback that answers as scripted and keeps a journal of who asked what, when.

    Every connection serves one request. Paths without a script get 404.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.journal: list[Request] = []
        self._host = host
        self._scripts: dict[str, list[Script]] = {}
        self._closing = threading.Event()
        self._server = _Server((host, 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that the system has chosen."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        """The address of a path on this server."""
        return f"http://{self._host}:{self.port}{path}"

    def script(self, path: str, *replies: Script) -> str:
        """Answer the path with these, one after the other and the last for ever; gives its address."""
        self._scripts[path] = list(replies)
        return self.url(path)

    def reply_to(self, request: Request) -> Reply:
        """Write the request down and look up what to say."""
        self.journal.append(request)
        replies = self._scripts.get(request.path, [Reply(404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply if isinstance(reply, Reply) else reply(request)

    def waited(self, seconds: float) -> bool:
        """Let the seconds pass; False when the server closed meanwhile."""
        return not self._closing.wait(seconds)

    def close(self) -> None:
        """End all answers under way, and the server."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pieces(reply: Reply) -> Iterator[bytes]:
    pieces = (reply.body[at : at + reply.piece] for at in range(0, len(reply.body), reply.piece))
    return chain(pieces, repeat(reply.endless)) if reply.endless else pieces


class Listener:
    """A server on every address of this machine, for finding out which one was dialled.

    It hears connections out one after the other: what came last tells that all before it were heard.
    """

    def __init__(self, answer: Callable[[bytes], bytes] = lambda _: NO_CONTENT) -> None:
        self.heard: list[tuple[str, bytes]] = []  # the address dialled, and what was said
        self._answer = answer
        self._closing = threading.Event()
        self._socket = _listening()
        self._socket.settimeout(0.02)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that the system has chosen."""
        return int(self._socket.getsockname()[1])

    @property
    def dialled(self) -> list[str]:
        """The addresses dialled so far."""
        return [address for address, _ in self.heard]

    def close(self) -> None:
        """End the server."""
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection, suppress(OSError):
                self._hear(connection)

    def _hear(self, connection: socket.socket) -> None:
        address = connection.getsockname()[0].removeprefix("::ffff:")
        self.heard.append((address, b""))
        connection.settimeout(5)
        said = connection.recv(64 * 1024)
        self.heard[-1] = (address, said)
        if said:
            connection.sendall(self._answer(said))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _listening() -> socket.socket:
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", 0))


class _Server(ThreadingTCPServer):
    """Not http.server's, which asks the DNS for its own name."""

    request_queue_size = 64

    def __init__(self, address: tuple[str, int], upstream: Upstream) -> None:
        self.upstream = upstream
        super().__init__(address, _Handler)


def _arrived(connection: socket.socket) -> float:
    """When the last bytes came, by the monotonic clock: Linux tells how many milliseconds ago that was."""
    if sys.platform != "linux":
        return time.monotonic()
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 56)
    return time.monotonic() - int.from_bytes(info[52:56], sys.byteorder) / 1000


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5  # seconds for a request to come

    def do_GET(self) -> None:
        request = Request(self.command, self.path, self.headers, _arrived(self.connection))
        reply = self.server.upstream.reply_to(request)
        if not reply.raw:
            self._head(reply)
        try:
            for piece in _pieces(reply):
                if not self.server.upstream.waited(reply.pause):
                    return
                self.wfile.write(piece)
        except ConnectionError:
            pass  # the client has heard enough

    do_HEAD = do_POST = do_GET  # noqa: N815  (names that http.server looks for)

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Length": str(len(reply.body)), "Connection": "close", **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the journal has it all."""
