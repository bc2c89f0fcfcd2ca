"""Files that appear whole or not at all: made under another name beside their place, then renamed."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.errors import Refused
from service.store.beacon import SUFFIX as BEACON
from service.store.sqlite import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".feedwright-partial"
COMPANIONS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database
BESIDE = (*COMPANIONS, BEACON)  # and what we keep there


@contextmanager
def whole(file: Path, *, replace: bool = False) -> Iterator[Path]:
    """The name to make the file under; it takes its own when the block ends without an error.

    Raises:
        Refused: It is there already and not to be replaced; another process makes it; or the folder
            cannot be written to.
        StoreError: This user may not look into the folder.
    """
    _require_absent(file, replace)
    with scratch(file) as path:
        yield path
        _require_absent(file, replace)
        sync(path)
        path.rename(file)
        sync(file.parent)


@contextmanager
def scratch(file: Path) -> Iterator[Path]:
    """An empty file beside `file`, of this process's own and gone after the block.

    What a killed process left in the folder is removed first.

    Raises:
        Refused: Another process is at it, or the folder cannot be written to.
    """
    path = file.with_name(file.name + SUFFIX)
    try:
        _sweep(file.parent)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Refused(
            f"cannot write to {file.parent} ({error.strerror}); name a folder that you may write to"
        ) from error
    try:
        if not _is_taken(lock):
            raise Refused(f"another process is making {file}; wait until it is done")
        yield path
    finally:
        if _is_taken(lock):
            _remove(path)
        os.close(lock)


def _require_absent(file: Path, replace: bool) -> None:
    if not is_there(file):
        return
    if file.is_dir():
        raise Refused(f"{file} is a folder; name a file in it")
    if not replace:
        raise Refused(f"{file} is there already; name another file, or add --force to replace it")


def _sweep(folder: Path) -> None:
    """Remove what nobody is making any more; a lock ends with its process, however that ends."""
    for path in folder.glob(f"*{SUFFIX}"):
        lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            if _is_taken(lock):
                _remove(path)
        finally:
            os.close(lock)


def _is_taken(lock: int) -> bool:
    """Take the file, or have it already; not when another process has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(path: Path) -> None:
    for name in ("", *BESIDE):
        path.with_name(path.name + name).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk keep it, before anybody relies on it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
