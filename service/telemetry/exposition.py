"""Metrics on a port of their own, of loopback only: what forwards requests from outside cannot reach it.

The numbers of all processes come together from the files they write (prometheus-client's multiprocess mode).
That mode is chosen when a process first imports the library, by its environment: so the parent prepares the
folder and only then starts the others.
"""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.core import Metric

    from service.telemetry.metrics import Sample

    Look = Callable[[], Iterable[Sample]]

HOST = "127.0.0.1"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE = 5  # seconds that a request may take to come


@contextmanager
def exposed(port: int, look: Look) -> Iterator[int]:
    """Serve metrics at 127.0.0.1 until the block ends: those of the processes started within, and what
    `look` finds. Gives the port, which is another than asked for when that is 0.

    Raises:
        OSError: The port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="feedwright-metrics-") as folder:
        before = os.environ.get(_FOLDER)
        os.environ[_FOLDER] = folder
        try:
            with _serving(port, _registry(folder, look)) as taken:
                yield taken
        finally:
            if before is None:
                del os.environ[_FOLDER]
            else:
                os.environ[_FOLDER] = before


def _registry(folder: str, look: Look) -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # it is not typed
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


@contextmanager
def _serving(port: int, registry: CollectorRegistry) -> Iterator[int]:
    server = _Server((HOST, port), registry)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingTCPServer):
    """Not http.server's, which asks the DNS for its own name."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], registry: CollectorRegistry) -> None:
        self.registry = registry
        self.looking = threading.Lock()  # many who ask cost the database no more than one
        super().__init__(address, _Handler)


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
