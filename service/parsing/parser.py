"""The processes that read, as many as there are processors, each started when there is work for it."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from service import processes
from service.errors import ReaderUnavailable, Unreadable
from service.parsing.messages import Job, Lost
from service.parsing.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from feeds.model import Feed
    from feeds.opml import Outlines
    from service.parsing.messages import Document
    from service.parsing.process import Process

_SECONDS = 5  # of processor time; a feed of 500 entries takes a tenth of one
_DEATHS = 2  # of processes that read a document, until it is held to be the cause
_TRIES = 5


class Parser:
    """Reads documents in processes of their own. Any number of threads may call read() at once."""

    def __init__(self, workers: int | None = None, *, seconds: int = _SECONDS) -> None:
        self._seconds = seconds
        self._turns: Turns[Process | None] = Turns([None] * (workers or os.cpu_count() or 1))
        # Processes end with the thread that started them: this one lives until close(). They run where this
        # thread may, whichever asks for the first.
        self._starter = ThreadPoolExecutor(
            1,
            thread_name_prefix="reader",
            initializer=processes.run_on,
            initargs=(processes.processors(),),
        )
        self._lock = threading.Lock()  # over the next two
        self._started: set[Process] = set()
        self._closed = False

    def read(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        known: Collection[str],
        spared: Collection[str] = (),
    ) -> Feed:
        """feeds.read() and what preparing adds, with its errors. Pictures from `spared` may count readers.

        A document whose process ends or stands still is tried once more: it may have been the operator's
        hand, or want of memory or processors in the whole system.

        Raises:
            Unreadable: It takes too much time or memory, or ends the process that reads it.
            ReaderUnavailable: No process could be started, or the parser was closed.
        """
        job = Job(body, url, content_type, frozenset(known), self._seconds, tuple(spared))
        return cast("Feed", self._read(job))

    def read_list(self, body: bytes) -> Outlines:
        """read_opml(), with its errors and those of read()."""
        job = Job(body, "", None, frozenset(), self._seconds, is_list=True)
        return cast("Outlines", self._read(job))

    def _read(self, job: Job) -> Document:
        reason, deaths = "", 0
        for _ in range(_TRIES):
            try:
                with self._process() as process:
                    return process.read(job)
            except Lost as lost:
                reason, deaths = str(lost), deaths + lost.reading
            if deaths == _DEATHS:
                raise Unreadable(f"{deaths} processes that read it ended, the last with {reason}")
        raise ReaderUnavailable(
            f"no process to read documents in stays alive ({reason}); see the log above for why"
        )

    @contextmanager
    def _process(self) -> Iterator[Process]:
        """A process for one document, as soon as one is free."""
        process = self._turns.take()
        try:
            if process is None or process.worn:
                process = self._instead_of(process)
            yield process
        finally:
            self._turns.give(process)

    def _instead_of(self, old: Process | None) -> Process:
        """A new process; the old one ends."""
        from service.parsing.process import (
            Process,
        )  # for which commands that read nothing need not wait

        with self._lock:
            if self._closed:
                raise ReaderUnavailable("the service ends, nothing is read any more")
            if old is not None:
                old.end()
                self._started.discard(old)
            new = self._starter.submit(Process).result()
            self._started.add(new)
        try:
            new.wait()
        except Lost:
            with self._lock:
                self._started.discard(new)
            raise
        return new

    def close(self) -> None:
        """End all processes, whatever they do; documents under way are given up."""
        with self._lock:
            self._closed = True
            ending = list(self._started)
        for process in ending:
            process.stop()
        for process in ending:
            process.end()
        self._starter.shutdown()
