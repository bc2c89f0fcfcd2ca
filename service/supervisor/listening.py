"""The sockets that the service listens on. The parent keeps them, whatever becomes of those who answer."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from service.errors import Refused
from service.telemetry.sharing import HOST

if TYPE_CHECKING:
    from service.config import Server

BACKLOG = (
    1024  # connections that wait while nobody answers, such as during a restart of the web part
)


def listening(server: Server) -> socket.socket:
    """A socket that listens where config.toml says, for this service alone.

    Raises:
        Refused: The port is taken, or the host is no address of this machine.
    """
    return _listening(server.host, server.port, "port")


def telling(server: Server) -> socket.socket | None:
    """The same for metrics; None where config.toml names no port for them.

    Raises:
        Refused: The port is taken.
    """
    if server.metrics_port is None:
        return None
    return _listening(HOST, server.metrics_port, "metrics_port")


def _listening(host: str, port: int, key: str) -> socket.socket:
    """SO_REUSEPORT stays off: with it a second service would start silently and share the answers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setblocking(False)  # as those who accept from it need it, all at once
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a restart, at once
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # of two that have bound the port, only one may
    except (OSError, UnicodeError) as error:
        listener.close()
        raise Refused(_unusable(host, port, key, error)) from error
    return listener


def _unusable(host: str, port: int, key: str, error: OSError | UnicodeError) -> str:
    reason = error.strerror if isinstance(error, OSError) else "no name of a host"
    is_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
    remedy = (
        f"stop what runs there, or set another [server] {key}"
        if is_port
        else "set [server] host to an address of this machine"
    )
    return f"cannot listen on {host}:{port} ({reason}); {remedy}"
