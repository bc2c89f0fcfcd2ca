"""A sign that all processes of an SQLite database see: it is another after each commit.

`PRAGMA data_version` tells the same, but hands the interpreter to other threads each time it is asked, which
costs a busy server half of its answers. The sign is eight bytes, shared through a file beside the database.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = "-beacon"  # of the file beside the database
_SIZE = 8  # bytes


class Beacon:
    """Rewritten by each writer once its commit is done.

    A writer that is killed in between leaves the old sign: who relies on it has to ask the database, too,
    now and then.

    Raises:
        OSError: The file beside the database cannot be made.
    """

    def __init__(self, database: Path) -> None:
        database = database.resolve()  # links lead to one beacon
        self._path = database.with_name(f"{database.name}{SUFFIX}")
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            found = os.fstat(file)
            if found.st_size < _SIZE:
                _make(file, database)
            self._inode = found.st_ino
            self._shared = mmap.mmap(file, _SIZE)
        finally:
            os.close(file)

    def flash(self) -> None:
        """Show that something was committed."""
        self._shared[:] = os.urandom(_SIZE)

    def seen(self) -> bytes:
        """What is shown now."""
        return self._shared[:]

    def is_there(self) -> bool:
        """Whether other processes still find the same; false when the file was removed or exchanged."""
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False

    def close(self) -> None:
        """Look no more."""
        self._shared.close()


def _make(file: int, database: Path) -> None:
    """Take the room on the disk now, as its lack would kill later; allow what the database allows."""
    os.pwrite(file, os.urandom(_SIZE), 0)
    shared = database.stat()
    os.fchmod(file, shared.st_mode & 0o777)
    if os.geteuid() == 0:
        os.fchown(file, shared.st_uid, shared.st_gid)
