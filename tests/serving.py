"""A real `feedwright serve` for a test: asked over HTTP, stopped by a signal."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol, TypeVar

import requests

from tests import nursery

Found = TypeVar("Found")

PATIENCE = 30  # seconds until something has to have happened


class Process(Protocol):
    """What subprocess.Popen does for the tests."""

    pid: int

    def send_signal(self, number: int) -> None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Forked:
    """A process of the nursery's."""

    def __init__(self, process: BaseProcess) -> None:
        process.start()
        self._process = process
        self.pid: int = process.pid

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self.poll()
        assert code is not None, f"it did not end within {timeout} s"
        return code


@dataclass(frozen=True, slots=True)
class Site:
    """A served site."""

    url: str
    process: Process
    told: Path  # a file with all that it writes

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
        """All that it has told the operator until now."""
        return self.told.read_text(encoding="utf-8")


@contextmanager
def served(config: Path, port: int, **environment: str) -> Iterator[Site]:
    """The service of a config file whose [server] port this is, until the block ends.

    It is started as by an operator.
    """
    command = [sys.executable, "-m", "service.cli", "--config", str(config), "serve"]
    with tempfile.NamedTemporaryFile() as told:
        process = subprocess.Popen(
            command,
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | environment,
        )
        yield from _lasting(Site(_address(port), process, Path(told.name)))


@contextmanager
def served_at_once(config: Path, port: int) -> Iterator[Site]:
    """The same for what comes after the start: forked from the nursery, where all of it is loaded.

    Metrics are not told then, and memory is shared with the nursery.
    """
    with tempfile.NamedTemporaryFile() as told:
        life = nursery.NURSERY.Process(target=nursery.serve, args=(config, Path(told.name)))
        yield from _lasting(Site(_address(port), Forked(life), Path(told.name)))


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _lasting(site: Site) -> Iterator[Site]:
    """The site, from its first answer to the end of the block."""
    try:
        until(lambda: _answers(site))
        yield site
    finally:
        if site.process.poll() is None:
            site.stop()


def _answers(site: Site) -> bool:
    assert site.process.poll() is None, site.said()
    try:
        return site.get("/feeds/all.atom").ok
    except requests.ConnectionError:
        return False


def until(look: Callable[[], Found], *, seconds: float = PATIENCE) -> Found:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(min(0.1, seconds / 20))
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
