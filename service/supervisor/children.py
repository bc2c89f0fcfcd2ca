"""What runs in the parent's children. Each imports what it needs and no more: that is most of its start."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from service import processes, telemetry
from service.errors import ServiceError
from service.processes import Tied
from service.telemetry import log, metrics

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from service.config import Config
    from service.runtime import Current


def answer(config: Config, listener: socket.socket, folder: Path) -> None:
    """Granian's main process, and the workers that it starts, until SIGTERM.

    The workers exchange their answers in `folder`.
    """
    with processes.loading():
        from service.supervisor import server

    _begin("web", config)
    with telemetry.told("web"):
        server.run(config.server, listener, Tied(_application, config, folder))


def _application(config: Config, folder: Path) -> WSGIApplication:
    """The application of one worker; what it holds open is closed when the process ends."""
    with processes.loading():
        from service.front import Front, readers
        from service.front.exchange import Exchange
        from service.front.renderer import Renderer
        from service.web import create_app

    telemetry.configure(config.server.log)
    life = ExitStack()
    atexit.register(life.close)
    life.enter_context(telemetry.told("web worker"))
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
    with processes.loading():
        from service.front import renderer
        from service.web import create_app

    _begin("renderer", config)
    with telemetry.told("renderer"), _current(config) as current:
        renderer.serve(folder, create_app(current), current)


def poll(config: Config) -> None:
    """The scheduler, until SIGTERM."""
    with processes.loading():
        from service import scheduler

    _begin("scheduler", config)
    with telemetry.told("scheduler"), _current(config) as current:
        scheduler.run(current)


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
    with processes.loading():
        from service import runtime
        from service.runtime import Current

    try:
        with runtime.opened(config) as held:
            current = Current(held)
            current.keep_up()
            yield current
    except ServiceError as error:
        log().error("process cannot go on", error=str(error))
        sys.exit(1)
