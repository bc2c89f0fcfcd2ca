"""The processes of a served site, as /proc shows them: who they are, and who is left."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.serving import Site

_LISTENS = "0A"  # in /proc/net/tcp


@dataclass(frozen=True, slots=True)
class Process:
    """A process that lives."""

    pid: int
    parent: int
    session: int
    command: str
    sockets: frozenset[str]  # inodes


def household(site: Site) -> list[Process]:
    """Every living process that came from it, orphans too: all are of the session it was started in."""
    return [it for it in _living() if it.session == site.process.pid]


def roles(site: Site) -> dict[str, int]:
    """Which process is what."""
    found, top = household(site), site.process.pid
    named = {"parent": top}
    named |= {_part(it): it.pid for it in found if it.parent == top}
    for number, process in enumerate(found):
        if "resource_tracker" in process.command:
            named[f"tracker {number}"] = process.pid
        elif process.parent == named.get("scheduler"):
            named[f"reader {number}"] = process.pid
    return named


def _part(process: Process) -> str:
    """What the parent started it for; before it has said so, none of what is looked for."""
    name = process.command.partition("feedwright: ")[2].strip()
    if name.startswith("serve"):
        return f"starting {process.pid}"
    return name.removeprefix("web ").replace("-", " ")


def orphans(site: Site) -> list[Process]:
    """Processes of the site whose parent is no longer one of them."""
    found = household(site)
    pids = {it.pid for it in found}
    return [it for it in found if it.parent not in pids and it.pid != site.process.pid]


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)


def proportional_kilobytes(site: Site) -> int:
    """Memory of the whole household; pages that several share are counted once, files not at all: other
    programs share those.
    """
    return sum(_pss(it.pid) for it in household(site))


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss_Anon:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _living() -> Iterator[Process]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (process := _process(folder)):
            yield process


def _process(folder: Path) -> Process | None:
    try:
        state, parent, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        sockets = frozenset(_sockets(folder / "fd"))
    except OSError:
        return None  # it ended meanwhile
    if state in "ZX":
        return None
    return Process(int(folder.name), int(parent), int(session), command, sockets)


def _sockets(folder: Path) -> Iterator[str]:
    for it in folder.iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(it.readlink())):
                yield found[1]


def _listener(port: int) -> str:
    """The inode of the socket that listens on that port."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return next(it[9] for it in lines if it[3] == _LISTENS and it[1].endswith(f":{port:04X}"))
