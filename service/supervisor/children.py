"""What runs in the parent's children. The parent loads all of it once, and forks them with it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from service import processes, runtime, scheduler, telemetry
from service.care import standing
from service.errors import ServiceError
from service.front import Front, readers, renderer
from service.front.exchange import Exchange
from service.front.renderer import Renderer
from service.runtime import Current
from service.supervisor import server
from service.telemetry import log, metrics
from service.web import create_app

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from service.config import Config


_MORE_NICE = 10  # a tenth of the weight of a web worker, where both want the processor


def answer(number: int, config: Config, listener: socket.socket, folder: Path) -> None:
    """Answer on that socket until SIGTERM; the workers exchange their answers in `folder`."""
    _begin(f"web worker-{number}", config)
    with telemetry.told("web worker"), ExitStack() as life:
        server.run(config.server, listener, lambda: _application(config, folder, life))


def _application(config: Config, folder: Path, life: ExitStack) -> WSGIApplication:
    """The application of one worker; what it holds open is closed at the end of that life."""
    current = life.enter_context(_current(config))
    if config.server.workers > 1:
        exchange = Exchange(folder, config.server.cache_bytes)
        front = Front(create_app(current), current, exchange, Renderer(folder))
    else:
        front = Front(create_app(current), current)
    life.enter_context(readers.followed(front.readers))
    life.enter_context(metrics.followed(lambda: asdict(front.tallies.total())))
    application: WSGIApplication = front
    return application


def make(config: Config, folder: Path) -> None:
    """Make the feeds that the workers ask for, until SIGTERM, which ends it at once."""
    _begin("renderer", config)
    with telemetry.told("renderer"), _current(config) as current:
        renderer.serve(folder, create_app(current), current)


def poll(config: Config) -> None:
    """The scheduler, until SIGTERM; with its reading processes it gives way to who answers readers."""
    _begin("scheduler", config)
    os.nice(_MORE_NICE)
    with telemetry.told("scheduler"), _current(config) as current:
        scheduler.run(current)


def measure(config: Config, listener: socket.socket, folder: Path) -> None:
    """Tell the metrics of all processes, which share the folder, until SIGTERM, which ends it at once."""
    _begin("metrics", config)
    with telemetry.told("metrics"), standing.exposed(config, listener, folder):
        signal.pause()


def _begin(name: str, config: Config) -> None:
    """Out of the group to which a terminal sends Ctrl-C: the parent alone tells its children to end."""
    processes.call(name)
    os.setpgid(0, 0)
    telemetry.configure(config.server.log)


@contextmanager
def _current(config: Config) -> Iterator[Current]:
    """What to work from, by the settings in force: they may be others than the parent has started with.

    Ends the process, having told why, if the database cannot be used.
    """
    try:
        with runtime.opened(config) as held:
            current = Current(held)
            current.keep_up()
            yield current
    except ServiceError as error:
        log().error("process cannot go on", error=str(error))
        sys.exit(1)
