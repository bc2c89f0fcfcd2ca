"""A process that reads, as seen from the one that asks."""

from __future__ import annotations

import signal
import socket
import threading
from multiprocessing import get_context
from typing import TYPE_CHECKING

from msgspec import DecodeError

from service import processes
from service.errors import ReaderUnavailable, Unreadable
from service.parsing import line, messages
from service.parsing.messages import Lost
from service.parsing.worker import serve
from service.processes import Tied

if TYPE_CHECKING:
    from service.parsing.messages import Document, Job, Outcome

_STARTS_WITHIN = 30.0  # seconds
_STANDS_STILL = 3.0  # seconds without any work after which it is given up
_MOST_JOBS = 1000  # then its memory goes back to the system


class Process:
    """A process that reads one document at a time."""

    def __init__(self) -> None:
        self._socket, its = socket.socketpair()
        with its:
            self._process = get_context("spawn").Process(target=Tied(serve, its), daemon=True)
            self._process.start()
        self._jobs = 0
        self._lock = threading.Lock()  # over the next two, and over what the system tells once
        self._reading = False
        self.ended = False

    @property
    def worn(self) -> bool:
        """Whether the next document should have another process."""
        with self._lock:
            return self.ended or self._jobs >= _MOST_JOBS or not self._process.is_alive()

    def wait(self) -> None:
        """Wait until it is there.

        Raises:
            Lost: It ended before that.
        """
        self._socket.settimeout(_STARTS_WITHIN)
        try:
            line.receive(self._socket)
        except (EOFError, OSError) as error:
            self.end()
            raise Lost("it does not start", reading=False) from error

    def read(self, job: Job) -> Document:
        """What a document says. After any error but a FeedError of the reader's the process has ended.

        Raises:
            FeedError: As feeds.read().
            Unreadable: The document takes more processor time or memory than it may.
            Lost: The process ended or gave no answer, by the document or by somebody's hand.
            ReaderUnavailable: The process was ended while it read.
        """
        with self._lock:
            self._reading = True
        try:
            outcome = self._answer(job)
        except BaseException:
            self.end()
            raise
        finally:
            with self._lock:
                self._reading = False
                if self.ended:
                    self._socket.close()
        if isinstance(outcome, MemoryError):
            self.end()
            raise Unreadable("reading it takes more memory than a document may have")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _answer(self, job: Job) -> Outcome:
        self._jobs += 1
        patience = _Patience(self._process.pid or 0, job.seconds)
        self._socket.settimeout(patience.seconds)
        is_sent = False
        try:
            line.send(self._socket, messages.packed_job(job), patience.check)
            is_sent = True
            answer = line.receive(self._socket, patience.check)
            return messages.unpacked(answer, is_list=job.is_list)
        except (EOFError, OSError) as error:
            raise self._ending(job, is_sent=is_sent) from error
        except (DecodeError, line.TooLong) as error:
            raise Lost(f"an answer that is none: {error}", reading=True) from error

    def _ending(self, job: Job, *, is_sent: bool) -> Exception:
        """What it means that the other end of the line is gone."""
        if self.ended:
            return ReaderUnavailable("the service ends, nothing is read any more")
        self._process.join()
        code = self._process.exitcode
        if code == -signal.SIGXCPU:
            return Unreadable(f"reading it takes more than {job.seconds} seconds")
        return Lost(f"exit code {code}", reading=is_sent)

    def stop(self) -> None:
        """Begin to end it, without waiting; who waits for its answer is told."""
        with self._lock:
            self.ended = True
            self._process.kill()

    def end(self) -> None:
        """End the process, whatever it does; who waits for its answer is told."""
        self.stop()
        with self._lock:
            self._process.join()
            if not self._reading:
                self._socket.close()


class _Patience:
    """A process may take as long as it computes: on a busy machine others do, too."""

    def __init__(self, pid: int, seconds: int) -> None:
        self._pid = pid
        self._before = processes.computed(pid)
        self.seconds = _STANDS_STILL if self._before is not None else _STANDS_STILL + seconds

    def check(self) -> None:
        """Go on, or give it up: called after as many seconds without an answer.

        Raises:
            Lost: It has done nothing since.
        """
        done = processes.computed(self._pid)
        if done == self._before:
            raise Lost(f"no work done within {self.seconds:g} seconds", reading=True)
        self._before = done
