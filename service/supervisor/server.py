"""A worker of Granian's, serving in this process on a socket that is open already."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, cast

from granian._granian import SocketHolder
from granian.constants import Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server.mp import MPServer

from service.supervisor.listening import BACKLOG
from service.telemetry import STANDARD_LOGGERS, log

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from service.config import Server

_ENDS_WITHIN = 7.0  # seconds from the order to stop


class _Granian(MPServer):
    """What makes Granian's workers. By itself it opens a socket with SO_REUSEPORT in every one of them."""

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
            runtime_mode=RuntimeModes.mt,
            websockets=False,
            log_level=LogLevels.warning,
            log_dictconfig=STANDARD_LOGGERS,
        )
        self._sso = listener  # as Granian does where there is no SO_REUSEPORT
        self._sfd = listener.fileno()
        self._shd = cast("Any", SocketHolder)(
            self._sfd, False, BACKLOG
        )  # which its stub leaves out

    def work(self, load: Callable[[], WSGIApplication]) -> None:
        """Do a worker's work here: whoever called this process keeps it, and starts it again."""
        self._spawn_worker(0, self._spawn_wsgi_worker, load).inner.run()


def run(settings: Server, listener: socket.socket, load: Callable[[], WSGIApplication]) -> None:
    """Answer on that socket with the application that is loaded, until SIGTERM.

    What was asked by then is answered to its end, as far as that comes within _ENDS_WITHIN.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in all threads from here on
    threading.Thread(target=_end_when_told, name="end", daemon=True).start()
    _Granian(settings, listener).work(load)


def _end_when_told() -> None:
    """Wait for SIGTERM, and call what Granian has set as its handler.

    Were it left to Python, the handler could wait for ever: the main thread, which alone runs handlers,
    sleeps on a lock, and a signal that comes as it is just going to does not wake it.
    """
    signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):  # it answers nothing yet
        os._exit(0)
    handler(signal.SIGTERM, None)
    time.sleep(_ENDS_WITHIN)
    log().warning("answers under way are given up", after_seconds=_ENDS_WITHIN)
    os._exit(0)
