"""Granian, serving on a socket that is open already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from service import processes
from service.supervisor.listening import BACKLOG
from service.telemetry import STANDARD_LOGGERS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from service.config import Server

_KILLS_WORKERS_AFTER = 7  # seconds from the order to stop


class _Granian(MPServer):
    """Granian's main process. By itself it would open a socket with SO_REUSEPORT in every worker."""

    _sso: Any
    _sfd: Any
    _shd: Any

    def __init__(self, settings: Server, listener: socket.socket) -> None:
        super().__init__(
            "feedwright",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            respawn_failed_workers=True,
            workers_kill_timeout=_KILLS_WORKERS_AFTER,
            log_level=LogLevels.warning,
            log_dictconfig=STANDARD_LOGGERS,
            process_name=processes.titled("web"),
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """Have all workers accept from the one socket, as Granian does where there is no SO_REUSEPORT."""
        self._sso = self._listener
        self._sfd = self._listener.fileno()
        self._shd = cast("Any", SocketHolder)(
            self._sfd, False, BACKLOG
        )  # which its stub leaves out


def run(settings: Server, listener: socket.socket, load: Callable[[], WSGIApplication]) -> None:
    """Answer on that socket until SIGTERM, in workers that each load the application."""
    _Granian(settings, listener).serve(target_loader=load, wrap_loader=False)
