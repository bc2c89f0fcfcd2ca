"""Metrics on a port of their own, of loopback only: what forwards requests from outside cannot reach it.

The numbers of all processes come together from the files they write (prometheus-client's multiprocess mode).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from prometheus_client.core import Metric

    from service.telemetry.metrics import Sample

    Look = Callable[[], Iterable[Sample]]

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE = 5  # seconds that a request may take to come


@contextmanager
def exposed(listener: socket.socket, folder: Path, look: Look) -> Iterator[None]:
    """Serve metrics on that socket until the block ends: those of the processes that share the folder
    (`sharing`), and what `look` finds.
    """
    server = _Server(listener, _registry(folder, look))
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _registry(folder: Path, look: Look) -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # it is not typed
    registry.register(_Gauges(look))
    return registry


class _Gauges:
    """Hands what was looked up to the library, one family a gauge."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge, values, number in self._look():
            family = families.get(gauge.name)
            if family is None:
                family = GaugeMetricFamily(gauge.name, gauge.told, labels=gauge.labels)
                families[gauge.name] = family
            family.add_metric(values, number)
        yield from families.values()

    def describe(self) -> list[Metric]:
        """Nothing: asking for the names alone would look everything up."""
        return []


class _Server(ThreadingTCPServer):
    """Not http.server's, which asks the DNS for its own name."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.looking = threading.Lock()  # many who ask cost the database no more than one
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE
    server_version, sys_version = "feedwright", ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        with self.server.looking:
            body = generate_latest(self.server.registry)
        self.send_response(200)
        self.send_header("Content-Type", _CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: who asks every few seconds would fill the log."""
