"""Feeds are made in a process of their own, as making one holds the interpreter for milliseconds.

In a worker that holds up the hundred answers that it could give from memory meanwhile, and threads that want
the interpreter from each other spend a third of the processor on that. Where there is no such process, or it
gives no answer, a worker makes feeds itself.

The workers ask on a socket in the service's own folder: an address and a line's end. The answer is a length
of four bytes and what Kept.written() gives; a length of 0 where Flask answers with something else.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from service import runtime as running
from service.front.asking import ask_for
from service.front.kept import Damaged, Kept

if TYPE_CHECKING:
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from service.runtime import Current

_NAME = "renderer"  # of the socket
_BACKLOG = 128
_LENGTH = 4  # bytes
_LONGEST = 8_192  # bytes of an address
_PATIENCE = 5.0  # seconds
_AGAIN = 1.0  # seconds after a failure until it is asked again


class Renderer:
    """The process, as the workers see it."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / _NAME)
        self._free: deque[socket.socket] = deque()  # connections that nobody uses
        self._again = 0.0  # monotonic

    def make(self, path: str, maker: str) -> Kept | None:
        """The feed at that address by that release and those settings; None where it is not to be had."""
        if time.monotonic() < self._again or "\n" in path:
            return None
        try:
            data = self._exchanged(path.encode("latin-1") + b"\n")
        except OSError:  # it is just being started again, or hangs
            self._again = time.monotonic() + _AGAIN
            self.close()
            return None
        with suppress(Damaged):  # other settings are in force there, or it is no feed
            return Kept.parse(data, _label(maker, path))
        return None

    def _exchanged(self, question: bytes) -> bytes:
        connection = self._connection()
        try:
            connection.sendall(question)
            answer = _received(connection, int.from_bytes(_received(connection, _LENGTH)))
        except OSError:
            connection.close()
            raise
        self._free.append(connection)
        return answer

    def _connection(self) -> socket.socket:
        with suppress(IndexError):
            return self._free.pop()
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Give up the connections that nobody uses."""
        while self._free:
            with suppress(IndexError):
                self._free.pop().close()


def _received(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return bytes(data)


def _label(maker: str, path: str) -> str:
    return f"{maker} {path}"


def serve(folder: Path, application: WSGIApplication, current: Current) -> None:
    """Make feeds for whoever asks, until the process is ended."""
    path = folder / _NAME
    path.unlink(missing_ok=True)  # of a process before this one
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen(_BACKLOG)
        while True:
            connection, _ = listener.accept()
            asking = (connection, application, current)
            threading.Thread(target=_answer, args=asking, daemon=True).start()


def _answer(connection: socket.socket, application: WSGIApplication, current: Current) -> None:
    """Answer one thread of a worker until it goes."""
    with connection, suppress(ConnectionError), connection.makefile("rb") as lines:
        while line := lines.readline(_LONGEST):
            path = line.removesuffix(b"\n").decode("latin-1")
            kept = ask_for(application, path).kept
            maker = running.maker(current.runtime.config)
            data = b"" if kept is None else kept.written(_label(maker, path))
            connection.sendall(len(data).to_bytes(_LENGTH) + data)
