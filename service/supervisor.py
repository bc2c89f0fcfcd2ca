"""`serve`: web workers and scheduler under one parent, which ends when either does.

Granian's own main process is a child here, so that one SIGTERM to the parent ends everything in order.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
import threading
from functools import partial
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

    from service.config import Config

_STOP_SECONDS = 10
_KILL_WORKERS_AFTER = 8  # seconds; below _STOP_SECONDS, so that Granian ends its workers itself
_PR_SET_PDEATHSIG = 1


def serve(config: Config, path: Path) -> int:
    """Serve until SIGTERM or SIGINT. Gives the exit code: 0 when asked to stop, 1 when a part died.

    Raises:
        Refused: The port is taken.
    """
    _require_free_port(config.server.host, config.server.port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children = [_start("web", _run_web, path), _start("scheduler", _run_scheduler, path)]
    died = _wait(children, stop)
    _stop(children)
    return 1 if died else 0


def _require_free_port(host: str, port: int) -> None:
    """Granian shares its port (SO_REUSEPORT): a second server would start and share the answers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)});"
                " stop what runs there, or set another [server] port"
            ) from error


def _start(name: str, run: Callable[[Path, int], None], path: Path) -> SpawnProcess:
    child = multiprocessing.get_context("spawn").Process(
        target=run, args=(path, os.getpid()), name=name
    )
    child.start()
    return child


def _wait(children: list[SpawnProcess], stop: threading.Event) -> bool:
    """Wait for the order to stop, or for a child to die. Gives whether one died."""
    while not stop.wait(0.2):
        for child in children:
            if not child.is_alive():
                log().error("process died", process=child.name, code=child.exitcode)
                return True
    return False


def _stop(children: list[SpawnProcess]) -> None:
    for child in children:
        child.terminate()
    deadline = _STOP_SECONDS
    for child in children:
        child.join(deadline)
        if child.is_alive():
            log().warning("process killed", process=child.name, after_seconds=deadline)
            child.kill()
            child.join()


def _run_web(path: Path, parent: int) -> None:
    _die_with(parent)
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
    ).serve(target_loader=partial(_load, path), wrap_loader=False)


def _load(path: Path) -> WSGIApplication:
    """The application of one worker; what it holds open ends with the process."""
    _die_with(os.getppid())
    config = configuration.load(path)
    telemetry.configure(config.server.log)
    held = runtime.opened(config).__enter__()
    application: WSGIApplication = Front(create_app(held), held)
    return application


def _run_scheduler(path: Path, parent: int) -> None:
    _die_with(parent)
    config = configuration.load(path)
    telemetry.configure(config.server.log)
    with runtime.opened(config) as held:
        scheduler.run(held)


def _die_with(parent: int) -> None:
    """End this process when its parent ends, however that ends (Linux; elsewhere left to the parent)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
