"""What a process is called, what ties it to the one that started it, and what it has been doing."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import socket
import sys
from contextlib import contextmanager
from functools import partial
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from setproctitle import setproctitle

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX, _ARENAS = -8, 2
_NEW_VALUES = 50_000
_ROOM = 60_000  # values of 8 bytes, which take memory only where they are used
_USER, _SYSTEM = 11, 12  # fields of /proc/PID/stat after the name: ticks in either mode
Given = TypeVar("Given")


def titled(name: str) -> str:
    """The title of a process that does this."""
    return f"feedwright: {name}"


def call(name: str) -> None:
    """Let `ps` and `top` show what this process does."""
    setproctitle(titled(name))


class Tied(Generic[Given]):
    """A call for a process to spawn, which will end with this one however this one ends.

    The process is tied first and loads what the call needs afterwards: that takes seconds on a busy machine,
    and as long it would outlive a parent that is killed meanwhile.
    """

    def __init__(self, call: Callable[..., Given], *args: Any) -> None:
        self._call = call
        self._args = args

    def __call__(self) -> Given:
        """The call itself, in this process."""
        return self._call(*self._args)

    def __reduce__(self) -> tuple[type[partial[Any]], tuple[Any, ...]]:
        packed = bytes(ForkingPickler.dumps((self._call, self._args)))
        return partial, (_begin, os.getpid(), packed)


def _begin(parent: int, packed: bytes) -> Any:
    die_with(parent)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # what its parent waits for may end it
    with loading():
        run, args = pickle.loads(packed)  # noqa: S301  (what our own parent wrote)
    return run(*args)


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while modules are loaded, and never again among what they have made.

    It stays until the process ends, and to look through it takes a sixth of the time of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def roomily(call: Callable[[], Given]) -> Given:
    """Call it with room for the frames of all that it calls in turn.

    CPython asks the system for 16 kB of frames at a time and gives them back as soon as they are left. At the
    edge of such a piece each call in a loop does so: a start did 7,000 times, which took a tenth of it. A
    frame that claims to need more gets a larger piece, whose rest is for those above it.
    """
    return call()


roomily.__code__ = roomily.__code__.replace(co_stacksize=_ROOM)


def look_seldom() -> None:
    """Look for garbage after 50,000 new values rather than 700, and never again among what is there by now.

    For a process that makes and drops rows by the hundred thousand, hardly any of which refer to each other.
    """
    gc.freeze()
    gc.set_threshold(_NEW_VALUES)


def share_memory() -> None:
    """Let all threads of this process, and those that it forks, take memory from two pools (glibc).

    With a pool for every thread, as is the default, what a large document took is kept for that thread alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def die_with(parent: int) -> None:
    """End this process by SIGKILL when its parent ends (Linux; elsewhere nothing).

    The kernel takes the parent's thread that started this process for the parent: it has to live as long.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)


def processors() -> list[int]:
    """The numbers of the processors that this thread may run on (Linux; elsewhere none are told)."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def run_on(some: Collection[int]) -> None:
    """Let this thread, and what it starts from now on, run on these processors only; none stand for any."""
    if some:
        os.sched_setaffinity(0, some)


def computed(pid: int) -> int | None:
    """The processor time that a process has taken, in clock ticks; None where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  (in a fifth of the time)
            told = file.read()
    except OSError:
        return None
    values = told.rpartition(b")")[2].split()  # the name before may hold anything
    return int(values[_USER]) + int(values[_SYSTEM])


def owner() -> str:
    """Who holds a lease: this process on this machine."""
    return f"{socket.gethostname()}:{os.getpid()}"
