"""`serve`: web workers and scheduler under one parent, which ends when either does.

Granian's own main process is a child here, so that one SIGTERM to the parent ends everything in order.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import multiprocessing
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service import config as configuration
from service import runtime, scheduler, telemetry
from service.errors import Refused
from service.front import Front
from service.telemetry import log
from service.web import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from service.config import Server

    Orders = SimpleQueue[None]

_STOP_SECONDS = 10
_KILL_WORKERS_AFTER = 8  # seconds; below _STOP_SECONDS, so that Granian ends its workers itself
_PR_SET_PDEATHSIG = 1


def serve(path: Path) -> int:
    """Serve until SIGTERM or SIGINT. Gives the exit code: 0 as asked, 1 when a part died or hung."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # inherited: for children that have yet to _begin()
    children = [_start("web", _run_web, path), _start("scheduler", _run_scheduler, path)]
    orders: Orders = SimpleQueue()  # unlike an Event's set(), its put() may break in anywhere
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: orders.put(None))
    has_died = _wait(children, orders)
    has_hung = _stop(children)
    return 1 if has_died or has_hung else 0


def require_free_port(server: Server) -> None:
    """Make sure that this process may listen where config.toml says.

    Granian shares its port (SO_REUSEPORT): a second server would start and share the answers.

    Raises:
        Refused: The port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except (OSError, UnicodeError) as error:
            raise Refused(_unusable(server, error)) from error


def _unusable(server: Server, error: OSError | UnicodeError) -> str:
    reason = error.strerror if isinstance(error, OSError) else "no name of a host"
    is_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
    remedy = (
        "stop what runs there, or set another [server] port"
        if is_port
        else "set [server] host to an address of this machine"
    )
    return f"cannot listen on {server.host}:{server.port} ({reason}); {remedy}"


def _start(name: str, run: Callable[[Path, int], None], path: Path) -> SpawnProcess:
    child = multiprocessing.get_context("spawn").Process(
        target=run, args=(path, os.getpid()), name=name
    )
    child.start()
    return child


def _wait(children: list[SpawnProcess], orders: Orders) -> bool:
    """Wait for the order to stop, or for a child to die. Gives whether one died."""
    while True:
        with suppress(Empty):
            orders.get(timeout=0.2)
            return False
        for child in children:
            if not child.is_alive():
                log().error("process died", process=child.name, code=child.exitcode)
                return True


def _stop(children: list[SpawnProcess]) -> bool:
    """End them all within _STOP_SECONDS. Gives whether one had to be killed."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        child.join(max(0, deadline - time.monotonic()))
    hung = [child for child in children if child.is_alive()]
    for child in hung:
        log().warning("process killed", process=child.name, after_seconds=_STOP_SECONDS)
        child.kill()
        child.join()
    return bool(hung)


def _run_web(path: Path, parent: int) -> None:
    _begin(parent)
    config = configuration.load(path)
    Granian(
        "feedwright",
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.WSGI,
        workers=config.server.workers,
        blocking_threads=config.server.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_WORKERS_AFTER,
        log_level=LogLevels.warning,
    ).serve(target_loader=partial(_load, path, os.getpid()), wrap_loader=False)


def _load(path: Path, parent: int) -> WSGIApplication:
    """The application of one worker; what it holds open is closed when the process ends."""
    _die_with(parent)
    config = configuration.load(path)
    telemetry.configure(config.server.log)
    life = ExitStack()
    atexit.register(life.close)
    held = life.enter_context(runtime.opened(config))
    application: WSGIApplication = Front(create_app(held), held)
    return application


def _run_scheduler(path: Path, parent: int) -> None:
    _begin(parent)
    config = configuration.load(path)
    telemetry.configure(config.server.log)
    with runtime.opened(config) as held:
        scheduler.run(held)


def _begin(parent: int) -> None:
    """Out of the group to which a terminal sends Ctrl-C: the parent alone tells its children to end."""
    os.setpgid(0, 0)
    _die_with(parent)


def _die_with(parent: int) -> None:
    """End this process when its parent ends, however that ends (Linux; elsewhere left to the parent)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
