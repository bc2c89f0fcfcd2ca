"""`feedwright serve` as an operator meets it: it starts, it ends when told, it says what is in its way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.config import Config, Server
from service.errors import Refused
from service.supervisor import require_free_port
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


def test_ctrl_c_on_a_terminal_ends_it_soon_and_quietly(site):
    assert site.get("/").ok
    pids = family(site.process.pid)
    begun = time.monotonic()
    assert site.ctrl_c() == 0
    assert time.monotonic() - begun < 5
    told = [line for line in site.said().splitlines() if "[info " not in line]
    assert told == [f"The Harbour Gazette: {site.url}/ (Ctrl-C stops)"]
    until(lambda: not alive(pids))


def test_ctrl_c_twice_is_as_good_as_once(site):
    os.killpg(site.process.pid, signal.SIGINT)
    assert site.ctrl_c() == 0


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
        said = refused(path)
    assert said == (
        f"Error: cannot listen on 127.0.0.1:{port} (Address already in use);"
        " stop what runs there, or set another [server] port\n"
    )


def refused(path: Path) -> str:
    """What `serve` says that does not come to serving."""
    command = [sys.executable, "-m", "service.cli", "--config", str(path), "serve"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    return ended.stderr


def test_a_second_one_is_refused_before_it_does_anything(site, settings):
    assert refused(settings[0]).startswith("Error: cannot listen on 127.0.0.1:")


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70, "192.0.2.1"])
def test_a_host_that_is_not_ours_is_told(host):
    with pytest.raises(Refused, match=r"set \[server\] host to an address of this machine"):
        require_free_port(Server(host=host, port=free_port()))


def test_first_articles_are_taken_even_after_another_command(configure, tmp_path):
    folder, port = tmp_path / "articles", free_port()
    folder.mkdir()
    (folder / "one.md").write_text("+++\ntitle = 'One'\ndate = 2026-03-14\n+++\nText.\n")
    config = configure(
        ("[content]", f"[server]\nport = {port}\n[content]\nfirst_articles = '{folder}'")
    )
    command = [sys.executable, "-m", "service.cli", "--config", str(config.file), "article", "list"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with served(config.file, port) as site:
        assert "One" in site.get("/feeds/all.atom").text
        site.stop()
        assert site.said().startswith("1 first articles taken in\n")
