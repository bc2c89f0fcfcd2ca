"""A real `feedwright serve` for a test: started as by an operator, asked over HTTP, stopped by a signal."""

from __future__ import annotations

import os
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

    def ctrl_c(self) -> int:
        """Press Ctrl-C, which a terminal tells the service and all its children; gives its exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)

    def said(self) -> str:
        """All that it told the operator, once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


@contextmanager
def served(config: Path, port: int) -> Iterator[Site]:
    """The service of a config file whose [server] port this is, until the block ends."""
    command = [sys.executable, "-m", "service.cli", "--config", str(config), "serve"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    site = Site(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: _answers(site))
        yield site
    finally:
        if process.poll() is None:
            site.stop()
        assert process.stdout is not None
        process.stdout.close()


def _answers(site: Site) -> bool:
    assert site.process.poll() is None, site.said()
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
