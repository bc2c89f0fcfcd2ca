"""The three servers that are held against each other, each in processes of its own on loopback."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Failed
from benchmarks.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.measuring import Options
    from service.config import Config

_PATIENCE = 60  # seconds until a server has to answer
_PROJECT = Path(__file__).parents[1]
_NGINX = Path(__file__).with_name("nginx.conf")
_OF_THE_SERVER = frozenset({"date", "server", "connection"})
_OF_NGINX = frozenset(  # what it says itself
    {"content-type", "content-length", "content-encoding", "etag", "last-modified", "accept-ranges"}
)


class NotStarted(Failed):
    """A server does not answer."""


class NotAlike(Failed):
    """A server answers otherwise than the one that it is compared with."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, without what every server says of itself."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes  # as it came over the wire

    def header(self, name: str) -> str:
        """The value of a header; empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    name: str
    port: int
    pid: int

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Ask once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "identity", **headers})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        told = [pair for pair in response.getheaders() if pair[0].lower() not in _OF_THE_SERVER]
        return Answer(response.status, tuple(told), body)


@contextmanager
def feedwright(config: Config) -> Iterator[Served]:
    """`feedwright serve`: web workers, scheduler and all."""
    command = [sys.executable, "-m", "service.cli", "--config", str(config.file), "serve"]
    with _running("feedwright", command, config.server.port) as served:
        yield served


@contextmanager
def bare(folder: Path, options: Options, answer: Answer) -> Iterator[Served]:
    """A WSGI callable under the same Granian that gives this answer to everybody."""
    port = free_port()
    file = folder / "bare.json"
    file.write_text(
        json.dumps(
            {
                "port": port,
                "workers": options.workers,
                "threads": options.threads,
                "status": answer.status,
                "headers": answer.headers,
                "body": answer.body.hex(),
            }
        )
    )
    command = [sys.executable, "-m", "benchmarks.bare", str(file)]
    with _running("bare WSGI callable", command, port) as served:
        yield served


@contextmanager
def nginx(folder: Path, options: Options, path: str, answer: Answer) -> Iterator[Served]:
    """nginx with the same body in a .gz file, and with the headers that it does not make itself."""
    port = free_port()
    body = folder / "root" / path.lstrip("/")
    body.parent.mkdir(parents=True, exist_ok=True)
    body.write_bytes(gzip.decompress(answer.body))
    Path(f"{body}.gz").write_bytes(answer.body)
    told = [(name, value) for name, value in answer.headers if name.lower() not in _OF_NGINX]
    headers = "\n".join(f"        add_header {name} {_quoted(value)};" for name, value in told)
    text = _NGINX.read_text(encoding="utf-8")
    words = {"PORT": port, "FOLDER": folder, "WORKERS": options.workers, "HEADERS": headers}
    for word, value in words.items():
        text = text.replace(f"@{word}@", str(value))
    file = folder / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    command = [_nginx(), "-p", str(folder), "-c", str(file)]
    if os.geteuid() == 0:
        command += [
            "-g",
            "user root;",
        ]  # else its workers become nobody, who cannot read the folder
    with _running("nginx", command, port) as served:
        yield served


def _nginx() -> str:
    """Debian has it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or ""


def lacking() -> list[str]:
    """The Debian packages that are not installed and needed."""
    found = {"nginx-light": _nginx(), "wrk": shutil.which("wrk")}
    return [package for package, program in found.items() if not program]


def _quoted(value: str) -> str:
    """A string of nginx's configuration."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _running(name: str, command: Sequence[str], port: int) -> Iterator[Served]:
    """Start it, wait until it answers, and end it after the block.

    Raises:
        NotStarted: It does not answer; with all that it said.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=_PROJECT)
        served = Served(name, port, process.pid)
        try:
            if not _answers(served, process):
                said.seek(0)
                raise NotStarted(f"{name} does not answer: {said.read().decode()}")
            yield served
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _answers(served: Served, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            served.ask("/", {})
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def require_alike(ours: Answer, theirs: Answer, name: str, *, own_tags: bool = False) -> None:
    """Make sure that two answers weigh the same; `own_tags`: the other makes validators of its own.

    Raises:
        NotAlike: They differ in status, body or headers.
    """
    if (ours.status, ours.body) != (theirs.status, theirs.body):
        raise NotAlike(
            f"{name} answers {theirs.status} with {len(theirs.body)} bytes,"
            f" feedwright {ours.status} with {len(ours.body)}"
        )
    left = _comparable(ours, own_tags) ^ _comparable(theirs, own_tags)
    if left:
        raise NotAlike(f"{name} has other headers than feedwright: {sorted(left)}")


def _comparable(answer: Answer, own_tags: bool) -> set[tuple[str, str]]:
    passed = {"etag", "last-modified", "accept-ranges"} if own_tags else set()
    own_spelling = {"content-type"} if own_tags else set()  # "; charset=utf-8"
    return {
        (name.lower(), value)
        for name, value in answer.headers
        if name.lower() not in passed | own_spelling
    }
