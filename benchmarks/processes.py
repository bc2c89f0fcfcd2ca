"""What /proc tells of processes: who descends from whom, who listens, what they hold in memory (Linux)."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")
_LISTENS = "0A"
_LINE = re.compile(r"^(Rss|Pss): +(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes: all pages of a process, and with shared pages divided among who shares them."""

    rss: float
    pss: float


def memory(pid: int) -> Memory:
    """What that process holds now."""
    text = (_PROC / str(pid) / "smaps_rollup").read_text()
    found = {name: int(kilobytes) * 1024 / 1e6 for name, kilobytes in _LINE.findall(text)}
    return Memory(found["Rss"], found["Pss"])


def descendants(pid: int) -> list[int]:
    """Children, grandchildren and so on, those nearer first."""
    found = [pid]
    for each in found:
        with suppress(OSError):  # it has ended meanwhile
            for task in (_PROC / str(each) / "task").iterdir():
                found += [int(it) for it in (task / "children").read_text().split()]
    return found[1:]


def web_workers(pid: int, port: int) -> list[int]:
    """The children of `feedwright serve` that listen on its port."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    return [it for it in descendants(pid) if sockets & _open(it)]


def _listening(port: int) -> Iterator[str]:
    for line in (_PROC / "net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _open(pid: int) -> set[str]:
    found = set()
    for file in (_PROC / str(pid) / "fd").iterdir():
        with suppress(OSError):  # it was closed meanwhile
            found.add(str(file.readlink()))
    return found


class Peak:
    """The most memory that a process and its descendants held together, looked at four times a second."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0  # PSS
        self._pid = pid
        self._ended = threading.Event()

    def look(self) -> None:
        """Look once."""
        total = 0.0
        for pid in (self._pid, *descendants(self._pid)):
            with suppress(OSError):  # it has ended meanwhile
                total += memory(pid).pss
        self.megabytes = max(self.megabytes, total)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look again and again while the block lasts."""
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            self.look()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
