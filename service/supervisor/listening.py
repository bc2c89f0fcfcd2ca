"""The socket that the site is served on. The parent keeps it, whatever becomes of those who answer."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from service.errors import Refused

if TYPE_CHECKING:
    from service.config import Server

BACKLOG = (
    1024  # connections that wait while nobody answers, such as during a restart of the web part
)


def listening(server: Server) -> socket.socket:
    """A socket that listens where config.toml says, for this service alone.

    SO_REUSEPORT stays off: with it a second service would start silently and share the answers.

    Raises:
        Refused: The port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setblocking(False)  # as those who accept from it need it, all at once
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a restart, at once
    try:
        listener.bind((server.host, server.port))
        listener.listen(BACKLOG)  # of two that have bound the port, only one may
    except (OSError, UnicodeError) as error:
        listener.close()
        raise Refused(_unusable(server, error)) from error
    return listener


def _unusable(server: Server, error: OSError | UnicodeError) -> str:
    reason = error.strerror if isinstance(error, OSError) else "no name of a host"
    is_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
    remedy = (
        "stop what runs there, or set another [server] port"
        if is_port
        else "set [server] host to an address of this machine"
    )
    return f"cannot listen on {server.host}:{server.port} ({reason}); {remedy}"
