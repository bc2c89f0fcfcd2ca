"""A process that is tied to another ends with it, also while it still loads what it is to do."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from service.processes import Tied, roomily
from tests.household import kill
from tests.serving import until

_SPAWN = multiprocessing.get_context("spawn")
_MINUTES = 600  # seconds


class Heavy:
    """A call that takes minutes to load."""

    def __reduce__(self):
        return time.sleep, (_MINUTES,)

    def __call__(self) -> None: ...


def at_work() -> None:
    time.sleep(_MINUTES)


def parent(told: Connection, is_heavy: bool) -> None:
    """Start a tied process, and wait for it."""
    child = _SPAWN.Process(target=Tied(Heavy() if is_heavy else at_work))
    child.start()
    told.send(child.pid)
    child.join()


def has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


@pytest.mark.parametrize("is_heavy", [False, True], ids=["at work", "loading"])
def test_it_ends_with_its_parent(is_heavy):
    ours, its = _SPAWN.Pipe()
    process = _SPAWN.Process(target=parent, args=(its, is_heavy))
    process.start()
    pid = ours.recv()
    kill(process.pid)
    process.join()
    until(partial(has_ended, pid))


def test_in_the_process_itself_it_is_just_the_call():
    assert Tied(os.getpid)() == os.getpid()


def nested(depth: int) -> None:
    """Call something a hundred times from that depth."""
    if depth:
        nested(depth - 1)
    else:
        for _ in range(100):
            nothing()


def nothing() -> None: ...


def pieces() -> int:
    """How many pieces of memory it takes from the system to call from any depth, by faults of pages."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for depth in range(150):
        nested(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_calls_at_any_depth_find_their_room() -> None:
    assert min(roomily(pieces) for _ in range(3)) < 50
    assert min(roomily(lambda: roomily(pieces)) for _ in range(3)) < 50
