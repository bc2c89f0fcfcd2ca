"""The parent: keeps its parts alive, passes on the order to reload, and ends them in order."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from service.supervisor import children
from service.supervisor.part import Part
from service.telemetry import log

if TYPE_CHECKING:
    import socket

    from service.config import Config

    Orders = SimpleQueue[int]  # unlike an Event's set(), its put() may break in anywhere

_LOOK = 0.2  # seconds between two looks at the parts
_STOP_WITHIN = 9.0  # seconds
_DRAIN = 0.5  # seconds to take up what was asked before the order, and may not have been read yet
_SAME_ORDER = 0.5  # seconds: a terminal and whatever stands between may both pass on one Ctrl-C


def serve(config: Config, listener: socket.socket) -> int:
    """Serve on that socket until SIGTERM or SIGINT; SIGHUP has config.toml read anew.

    Gives the exit code: 0 when all ended by themselves, 1 when a part had to be killed.
    """
    orders: Orders = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda order, _: orders.put(order))
    with TemporaryDirectory(prefix="feedwright-") as folder:
        web = Part("web", children.answer, config, listener, Path(folder))
        scheduler = Part("scheduler", children.poll, config)
        renderers = _renderers(config, Path(folder))
        while (order := _next(orders, _LOOK)) in (None, signal.SIGHUP):
            if order == signal.SIGHUP:
                scheduler.send(signal.SIGHUP)
            for part in (web, scheduler, *renderers):
                part.tend()
        log().info("service stops", order=signal.Signals(order).name)
        listener.close()
        code = _stop(web, scheduler, orders)
        for part in renderers:
            part.end()
        return code


def _renderers(config: Config, folder: Path) -> list[Part]:
    """One where there are several workers: a single one saves the room, and makes its feeds itself."""
    several = config.server.workers > 1
    return [Part("renderer", children.make, config, folder)] if several else []


def _next(orders: Orders, seconds: float) -> int | None:
    """The next order, if one comes within that time."""
    with suppress(Empty):
        return orders.get(timeout=seconds)
    return None


def _stop(web: Part, scheduler: Part, orders: Orders) -> int:
    """End both within _STOP_WITHIN, at once on a second order. Gives the exit code."""
    parts = [web, scheduler]
    begun = time.monotonic()
    scheduler.send(signal.SIGTERM)
    while (left := begun + _DRAIN - time.monotonic()) > 0:
        _next(orders, left)
    web.send(signal.SIGTERM)
    reason = f"it did not end within {_STOP_WITHIN:.0f} seconds"
    while any(part.is_alive for part in parts) and time.monotonic() < begun + _STOP_WITHIN:
        order = _next(orders, _LOOK / 4)
        if order in (signal.SIGTERM, signal.SIGINT) and time.monotonic() > begun + _SAME_ORDER:
            reason = "the order to stop came twice"
            break
    hung = [part for part in parts if part.is_alive]
    for part in hung:
        part.kill(reason)
    return 1 if hung else 0
