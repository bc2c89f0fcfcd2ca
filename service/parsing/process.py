"""A process that reads, as seen from the one that asks.

Pebble's workers share pipes and locks: one that is killed while it holds them stops the others. So each has
a pool to itself, which is given up with it.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from service import processes
from service.errors import ReaderUnavailable, Unreadable
from service.parsing import messages, worker
from service.parsing.messages import Lost
from service.processes import Tied

if TYPE_CHECKING:
    from concurrent.futures import Future

    from service.parsing.messages import Document, Job, Outcome

_STARTS_WITHIN = 30.0  # seconds
_STANDS_STILL = 3.0  # seconds without any work after which it is given up
_MOST_JOBS = 1000  # then its memory goes back to the system


class Process:
    """A process that reads one document at a time."""

    def __init__(self) -> None:
        self._pool = ProcessPool(
            max_workers=1,
            initializer=Tied(worker.begin),
            context=multiprocessing.get_context("spawn"),
        )
        self._job: Future[Any] = self._pool.schedule(worker.ready)
        self._pid = 0  # until it is there
        self._jobs = 0
        self._ending = threading.Lock()
        self.ended = False

    @property
    def worn(self) -> bool:
        """Whether the next document should have another process."""
        return self.ended or self._jobs >= _MOST_JOBS or not self._pool.active

    def wait(self) -> None:
        """Wait until it is there.

        Raises:
            Lost: It ended before that.
        """
        try:
            self._pid = self._job.result(_STARTS_WITHIN)
        except (TimeoutError, CancelledError, ProcessExpired, BrokenProcessPool) as error:
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
        try:
            outcome = self._answer(job)
        except BaseException:
            self.end()
            raise
        if isinstance(outcome, MemoryError):
            self.end()
            raise Unreadable("reading it takes more memory than a document may have")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _answer(self, job: Job) -> Outcome:
        self._jobs += 1
        try:
            return messages.unpacked(self._awaited(self._begun(job), job.seconds))
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGXCPU:
                raise Unreadable(f"reading it takes more than {job.seconds} seconds") from error
            raise Lost(f"exit code {error.exitcode}", reading=True) from error
        except CancelledError as error:
            raise ReaderUnavailable("the service ends, nothing is read any more") from error
        except RuntimeError as error:  # Pebble's; also when it died between two documents
            raise Lost(str(error), reading=False) from error
        except (
            TypeError
        ) as error:  # Pebble's, of a pipe that was closed while the job was on its way
            if not self.ended:
                raise
            raise ReaderUnavailable("the service ends, nothing is read any more") from error

    def _awaited(self, future: Future[bytes], seconds: int) -> bytes:
        """The answer, for which it may take as long as it computes: on a busy machine others do, too."""
        before = processes.computed(self._pid)
        within = _STANDS_STILL if before is not None else _STANDS_STILL + seconds
        while True:
            try:
                return future.result(within)
            except TimeoutError as error:
                done = processes.computed(self._pid)
                if done == before:
                    reason = f"no work done within {within:g} seconds"
                    raise Lost(reason, reading=future.running()) from error
                before = done

    def _begun(self, job: Job) -> Future[bytes]:
        with self._ending:  # else end() would miss it, and leave it waiting
            self._job = future = self._pool.schedule(worker.answer, args=(job,))
        return future

    def stop(self) -> None:
        """Begin to end it, without waiting."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # Pebble's types stop here

    def end(self) -> None:
        """End the process, whatever it does; who waits for its answer is told."""
        with self._ending:
            if not self.ended:
                self.ended = True
                self._pool.stop()  # type: ignore[no-untyped-call]  # Pebble's types stop here
                self._pool.join()
                self._job.cancel()
