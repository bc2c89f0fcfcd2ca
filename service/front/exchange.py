"""Answers that the web workers of one service pass to each other, so that one of them makes each.

A file for each, locked by whoever makes the answer that lies in it: the other workers wait, and take it over
if nothing was committed since that concerns it. Nothing there is believed without that. There are about as
many as the answers that a worker keeps: one may be asked for nothing for a while, as all connections went to
another, and is not to make everything anew then. Of more, those go that were not written for longest; who
is just at one of them has a file that nobody else finds, and the answer is made twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from service.front.kept import Damaged, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOW = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_LOOK = 0.001  # seconds between two looks at a file that another worker holds
_PATIENCE = 2.0  # seconds
_FEWEST = 1024  # files
_OF_AN_ANSWER = 8_000  # bytes, packed: most take more
_BEYOND = 1 / 8  # of the files that are to stay: so many are added by a worker until some go


class Slot:
    """One of the files, while it is this thread's alone."""

    def __init__(self, file: int, label: str, exchange: Exchange) -> None:
        self._file = file
        self._label = label
        self._exchange = exchange

    def read(self) -> Kept | None:
        """The answer that was left here under the same label, if it is whole."""
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        try:
            return Kept.parse(data, self._label)
        except Damaged:  # by a worker that was killed, or left under another label
            return None

    def clear(self) -> None:
        """Leave nothing here."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)

    def write(self, kept: Kept) -> None:
        """Leave the answer here."""
        with suppress(OSError):  # no room: the others make their own
            data = kept.written(self._label)
            before = os.fstat(self._file).st_size
            os.pwrite(self._file, data, 0)
            if before > len(data):
                os.ftruncate(self._file, len(data))
            if before == 0:
                self._exchange.count()


class Exchange:
    """The files of a folder that belongs to this service alone."""

    def __init__(self, folder: Path, kept: int) -> None:
        """`kept`: bytes of answers that a worker keeps."""
        self._folder = folder
        self._most = max(_FEWEST, kept // _OF_AN_ANSWER)
        self._added = 0

    @contextmanager
    def slot(self, path: str, maker: str) -> Iterator[Slot | None]:
        """The place of the answer at that address, made by that release and those settings.

        Waits until no other worker holds it. None where that takes too long, or files cannot be made.
        """
        label = f"{maker} {path}"
        place = self._folder / hashlib.sha256(label.encode()).hexdigest()
        try:
            file = os.open(place, _HOW, 0o600)
        except OSError:
            yield None
            return
        is_ours = _is_ours(file)
        try:
            yield Slot(file, label, self) if is_ours else None
        finally:
            if is_ours and not os.fstat(file).st_size:  # there was nothing to be left
                place.unlink(missing_ok=True)
            os.close(file)

    def count(self) -> None:
        """Count an answer that has come; after many, make room for more."""
        self._added += 1
        if self._added > self._most * _BEYOND:
            self._added = 0
            self._make_room()

    def _make_room(self) -> None:
        with os.scandir(self._folder) as found:
            files = [Path(it) for it in found if it.is_file(follow_symlinks=False)]
        for file in sorted(files, key=_written)[: max(0, len(files) - self._most)]:
            file.unlink(missing_ok=True)  # another worker may make room, too


def _written(file: Path) -> float:
    """When it was last written."""
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return 0.0


def _is_ours(file: int) -> bool:
    """Wait for the file, but not for a worker that hangs."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_LOOK)
    return False
