"""Messages between a process that reads and the one that asks: bytes, with their number before them."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_SIZE = struct.Struct("!Q")
_PORTION = 1024 * 1024  # bytes sent at a time
_MOST = 1024**3  # bytes of a message, more than a process that reads can hold


class TooLong(Exception):
    """The other end announces more than it can have."""


def send(sock: socket.socket, data: bytes, idle: Callable[[], None] | None = None) -> None:
    """Send a message. Whenever the socket's time is over, `idle` is called, to raise an error or go on.

    Raises:
        OSError: Nobody is there to receive it.
    """
    _all_sent(sock, memoryview(_SIZE.pack(len(data))), idle)
    _all_sent(sock, memoryview(data), idle)


def receive(sock: socket.socket, idle: Callable[[], None] | None = None) -> bytearray:
    """The next message.

    Raises:
        EOFError: There will be none.
        TooLong: It is beyond all measure.
    """
    (size,) = _SIZE.unpack(_all_received(sock, _SIZE.size, idle))
    if size > _MOST:
        raise TooLong(f"a message of {size} bytes")
    return _all_received(sock, size, idle)


def _all_sent(sock: socket.socket, data: memoryview, idle: Callable[[], None] | None) -> None:
    while data:
        data = data[_patiently(partial(sock.send, data[:_PORTION]), idle) :]


def _all_received(sock: socket.socket, size: int, idle: Callable[[], None] | None) -> bytearray:
    found = bytearray(size)
    left = memoryview(found)
    while left:
        count = _patiently(partial(sock.recv_into, left), idle)
        if not count:
            raise EOFError
        left = left[count:]
    return found


def _patiently(step: Callable[[], int], idle: Callable[[], None] | None) -> int:
    while True:
        try:
            return step()
        except TimeoutError:
            if idle is None:
                raise
            idle()
