"""The parent: keeps its parts alive, passes on the order to reload, and ends them in order."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from service import processes
from service.supervisor.part import ORDERS, Part
from service.telemetry import log

if TYPE_CHECKING:
    import socket

    from service.config import Config

    Metrics = tuple[
        socket.socket, Path
    ]  # where to tell them, and the folder to which they are written
    Orders = SimpleQueue[int]  # unlike an Event's set(), its put() may break in anywhere

_LOOK = 0.2  # seconds between two looks at the parts
_STOP_WITHIN = 9.0  # seconds
_DRAIN = 0.5  # seconds to take up what was asked before the order, and may not have been read yet
_SAME_ORDER = 0.5  # seconds: a terminal and whatever stands between may both pass on one Ctrl-C


def serve(config: Config, listener: socket.socket, metrics: Metrics | None = None) -> int:
    """Serve on that socket until SIGTERM or SIGINT; SIGHUP has config.toml read anew.

    Gives the exit code: 0 when all ended by themselves, 1 when a part had to be killed.
    """
    orders: Orders = SimpleQueue()
    for number in ORDERS:
        signal.signal(number, lambda order, _: orders.put(order))
    with TemporaryDirectory(prefix="feedwright-") as folder:
        web, scheduler, helpers = _parts(config, listener, Path(folder), metrics)
        while (order := _next(orders, _LOOK)) in (None, signal.SIGHUP):
            if order == signal.SIGHUP:
                scheduler.send(signal.SIGHUP)
            for part in (*web, scheduler, *helpers):
                part.tend()
        log().info("service stops", order=signal.Signals(order).name)
        listener.close()
        code = _stop(web, scheduler, orders)
        for part in helpers:
            part.end()
        return code


def _parts(
    config: Config, listener: socket.socket, folder: Path, metrics: Metrics | None
) -> tuple[list[Part], Part, list[Part]]:
    """The workers, the scheduler, and those that hold nothing: for metrics, and the renderer.

    A single worker saves the room of a renderer, and makes its feeds itself.
    """
    with processes.loading():
        from service.supervisor import children

    workers = range(1, config.server.workers + 1)
    web = [
        Part(f"web worker-{it}", children.answer, it, config, listener, folder) for it in workers
    ]
    scheduler = Part("scheduler", children.poll, config, without=listener)
    helpers = []
    if config.server.workers > 1:
        helpers.append(Part("renderer", children.make, config, folder, without=listener))
    if metrics is not None:
        helpers.append(Part("metrics", children.measure, config, *metrics, without=listener))
    return web, scheduler, helpers


def _next(orders: Orders, seconds: float) -> int | None:
    """The next order, if one comes within that time."""
    with suppress(Empty):
        return orders.get(timeout=seconds)
    return None


def _stop(web: list[Part], scheduler: Part, orders: Orders) -> int:
    """End all within _STOP_WITHIN, at once on a second order. Gives the exit code."""
    parts = [*web, scheduler]
    begun = time.monotonic()
    scheduler.send(signal.SIGTERM)
    while (left := begun + _DRAIN - time.monotonic()) > 0:
        _next(orders, left)
    for worker in web:
        worker.send(signal.SIGTERM)
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
