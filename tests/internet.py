"""A wire without a network: connections end in a function of this process, which gets every request."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.parser import Parser
from http import HTTPStatus
from typing import Any

from service.errors import Unreachable
from service.guard import Guard
from tests.fakes import Reply, Request

_HEADERS = Parser()


class Internet(Guard):
    """A guard that dials nobody: `answer` gets the host and the request, and says what comes back.

    None stands for a host that does not answer.
    """

    def __init__(
        self,
        answer: Callable[[str, Request], Reply | None],
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        super().__init__()
        self._answer = answer
        self._now = now

    def dial(self, host: str, *_: object, **__: object) -> Any:
        """A connection to the function."""
        return _Connection(self, host)

    def answered(self, host: str, data: bytes) -> bytes:
        """The whole answer to a whole request."""
        line, _, rest = data.partition(b"\r\n")
        method, path, _version = line.decode().split(" ")
        request = Request(method, path, _HEADERS.parsestr(rest.decode("latin-1")), self._now())
        reply = self._answer(host, request)
        if reply is None:
            raise Unreachable(f"{host} does not answer")
        phrase = HTTPStatus(reply.status).phrase
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {reply.status} {phrase}\r\n{head}\r\n".encode("latin-1") + reply.body


class _Connection:
    """As much of a socket as a request over plain HTTP needs."""

    def __init__(self, internet: Internet, host: str) -> None:
        self._internet = internet
        self._host = host
        self._sent = b""

    def sendall(self, data: bytes) -> None:
        self._sent += data

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Answer(self._internet.answered(self._host, self._sent)))

    def gettimeout(self) -> None:
        """Nothing is waited for."""

    def settimeout(self, _seconds: float) -> None:
        """Nothing is waited for."""

    def setsockopt(self, *_: object) -> None:
        """There is nothing to set."""

    def shutdown(self, _how: int) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""


class _Answer(io.RawIOBase):
    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)
