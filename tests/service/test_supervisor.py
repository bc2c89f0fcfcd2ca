"""`feedwright serve` as an operator meets it: it starts, it ends when told, it says what is in its way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.config import Config
from tests.serving import Site, free_port, served, until


@pytest.fixture
def settings(configure: Callable[..., Config]) -> tuple[Path, int]:
    port = free_port()
    config = configure(("[fetch]", f"[server]\nport = {port}\n\n[fetch]"))
    assert config.file is not None
    return config.file, port


@pytest.fixture
def site(settings: tuple[Path, int]) -> Iterator[Site]:
    with served(*settings) as it:
        yield it


def family(pid: int) -> set[int]:
    """The process and all that came from it, by /proc."""
    found = {pid}
    parents = {int(it.name): _parent(it) for it in Path("/proc").iterdir() if it.name.isdecimal()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_leaves_nobody_behind(site, number):
    assert site.get("/").ok
    pids = family(site.process.pid)
    assert len(pids) >= 4
    assert site.stop(number) == 0
    until(lambda: not alive(pids))


def parts(pid: int) -> list[int]:
    """The web server's main process and the scheduler: children that run our code."""
    command = {it: Path(f"/proc/{it}/cmdline").read_bytes() for it in family(pid)}
    return sorted(
        it for it in command if _parent(Path(f"/proc/{it}")) == pid and b"spawn_main" in command[it]
    )


@pytest.mark.parametrize("part", [0, 1], ids=["web", "scheduler"])
def test_when_a_part_dies_the_whole_ends_with_an_error(site, part):
    pids = family(site.process.pid)
    os.kill(parts(site.process.pid)[part], signal.SIGKILL)
    assert site.process.wait(30) == 1
    until(lambda: not alive(pids))


def test_a_taken_port_is_told(settings):
    path, port = settings
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        command = [sys.executable, "-m", "service.cli", "--config", str(path), "serve"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "Traceback" not in ended.stderr
