"""A real `feedwright serve` for a test: started as an operator would, asked over HTTP, stopped by SIGTERM."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import requests

Found = TypeVar("Found")

PATIENCE = 30  # seconds until something has to have happened


@dataclass(frozen=True, slots=True)
class Site:
    """A served site."""

    url: str
    process: subprocess.Popen[str]

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.url + path, headers=headers, timeout=PATIENCE)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the service to end; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def served(config: Path, port: int) -> Iterator[Site]:
    """The service of a config file whose [server] port this is, until the block ends."""
    command = [sys.executable, "-m", "service.cli", "--config", str(config), "serve"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    site = Site(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: _answers(site))
        yield site
    finally:
        if process.poll() is None:
            site.stop()
        assert process.stderr is not None
        process.stderr.close()


def _answers(site: Site) -> bool:
    assert site.process.poll() is None, site.process.stderr and site.process.stderr.read()
    try:
        return site.get("/feeds/all.atom").ok
    except requests.ConnectionError:
        return False


def until(look: Callable[[], Found]) -> Found:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing within {PATIENCE} s"
        time.sleep(0.1)
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
