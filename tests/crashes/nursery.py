"""The process that lives are forked from: one thread, everything imported and compiled, no database open.

It takes an order a line on its standard input and tells on its standard output how the life ended.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import sys
import time
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any

from service import telemetry
from tests import warmth
from tests.crashes import points, workloads
from tests.crashes.journal import Journal

PATIENCE = 90  # seconds that a life may take at most

Order = dict[str, Any]


def main() -> None:
    """Raise and end lives until there are no more orders."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what lives print is not an answer
    telemetry.configure("text", level=50)
    warmth.compile_once()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        ended = _live_here(order) if order["is_first"] else _live(order)
        answers.write(json.dumps(ended) + "\n")
        answers.flush()


def _live_here(order: Order) -> str:
    """Live a life to its end in this process."""
    with (
        Path(os.devnull).open("wb") as unheard,
        closing(Journal(Path(order["journal"]), unheard.fileno())) as journal,
    ):
        _work(order, journal)
    return "exit 0"


def _live(order: Order) -> str:
    """Fork a life, do to it what the order says, and tell how it ended."""
    beats, beating = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(beats)
        _be_born(order, beating)
    os.close(beating)
    watch = _Watch(beats)
    try:
        for moment in order["moments"]:
            if watch.wait(moment["acks"]) and watch.sleep(moment["pause"]):
                _act(child, order, moment["act"])
        watch.wait(None)
    finally:
        os.close(beats)
        os.kill(child, signal.SIGKILL)  # a zombie takes it as well as the living
    return _told(os.waitpid(child, 0)[1], watch)


def _be_born(order: Order, beats: int) -> None:
    code = 1
    try:
        journal = Journal(Path(order["journal"]), beats)
        if order["point"]:
            points.install(points.Point(**order["point"]), journal)
        _work(order, journal)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _work(order: Order, journal: Journal) -> None:
    workloads.WORK[order["work"]](workloads.Life(journal, Path(order["config"]), order["args"]))


def _act(child: int, order: Order, act: str) -> None:
    """Kill the life, or copy its database while it stands still."""
    if act == "kill":
        os.kill(child, signal.SIGKILL)
        return
    os.kill(child, signal.SIGSTOP)
    os.waitid(os.P_PID, child, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    for file in (*order["copied"], order["journal"]):
        if Path(file).exists():
            shutil.copy(file, act)
    os.kill(child, signal.SIGCONT)


def _told(status: int, watch: _Watch) -> str:
    if watch.is_late:
        return "late"
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit {os.WEXITSTATUS(status)}"


class _Watch:
    """Counts the acknowledgements of a life until it ends."""

    def __init__(self, beats: int) -> None:
        self._beats = beats
        self._count = 0
        self._deadline = time.monotonic() + PATIENCE
        self.is_late = False

    def wait(self, count: int | None) -> bool:
        """Wait for so many, or for the end. Gives whether it still lives."""
        while count is None or self._count < count:
            if not self._hear(self._deadline - time.monotonic()):
                return False
        return True

    def sleep(self, seconds: float) -> bool:
        """Let time pass. Gives whether it still lives."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self._beats], [], [], left)
            if ready and not self._hear(left):
                return False
        return True

    def _hear(self, seconds: float) -> bool:
        """Take in what the pipe has. Gives False when the life has ended, or its time is over."""
        ready, _, _ = select.select([self._beats], [], [], max(seconds, 0))
        if not ready:
            self.is_late = True
            return False
        heard = os.read(self._beats, 65536)
        self._count += len(heard)
        return bool(heard)


if __name__ == "__main__":
    main()
