"""Answers that the web workers of one service pass to each other, so that one of them makes each.

A fixed number of files, each locked by whoever makes the answer that lies in it: the other workers wait, and
take it over if nothing was committed since that concerns it. Nothing there is believed without that. They
are about as many as the answers that a worker keeps: one may be asked for nothing for a while, as all
connections went to another, and is not to make everything anew then.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from service.front.kept import Damaged, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOW = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_LOOK = 0.001  # seconds between two looks at a file that another worker holds
_PATIENCE = 2.0  # seconds
_FEWEST = 1024  # files; the newest answer of each stays
_OF_AN_ANSWER = 8_000  # bytes, packed: most take more, so that few have to share a file


class Slot:
    """One of the files, while it is this thread's alone."""

    def __init__(self, file: int, label: str) -> None:
        self._file = file
        self._label = label

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
            os.pwrite(self._file, data, 0)
            if os.fstat(self._file).st_size > len(data):
                os.ftruncate(self._file, len(data))


class Exchange:
    """The files of a folder that belongs to this service alone."""

    def __init__(self, folder: Path, kept: int) -> None:
        """`kept`: bytes of answers that a worker keeps."""
        self._folder = folder
        self._slots = max(_FEWEST, kept // _OF_AN_ANSWER)

    @contextmanager
    def slot(self, path: str, maker: str) -> Iterator[Slot | None]:
        """The place of the answer at that address, made by that release and those settings.

        Waits until no other worker holds it. None where that takes too long, or files cannot be made.
        """
        label = f"{maker} {path}"
        number = int.from_bytes(hashlib.sha256(label.encode()).digest()[:4]) % self._slots
        try:
            file = os.open(self._folder / f"{number}", _HOW, 0o600)
        except OSError:
            yield None
            return
        try:
            yield Slot(file, label) if _is_ours(file) else None
        finally:
            os.close(file)


def _is_ours(file: int) -> bool:
    """Wait for the file, but not for a worker that hangs."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_LOOK)
    return False
