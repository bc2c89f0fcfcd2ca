"""The pictures that articles show: whether their files are there and can be read."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from service import pictures
from service.care.findings import bad, good, warning
from service.config import media_folder
from service.store import pictured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.care.findings import Finding
    from service.config import Config
    from service.store import Store

_MOST = 10_000  # pictures looked for, unless all are to be
_AT_ONCE = 1_000
_RESTORE = "put them back from a backup of the folder, or import their articles again"


def examined(config: Config, store: Store, *, deep: bool) -> Iterator[Finding]:
    """Whether every picture that an article shows is there; `deep` reads each of them."""
    folder = media_folder(config)
    with store.reading() as tx:
        number = pictured.number(tx)
    if number and not folder.is_dir():
        yield bad("pictures", f"there is no folder {folder}, and articles show {number}", _RESTORE)
        return
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"let the service's user write there: chown -R USER {folder}"
        yield warning("pictures", f"nothing can be added to {folder}", remedy)
    names = _names(store, number if deep else min(number, _MOST))
    lacking = [name for name in names if not _is_there(folder, name, deep=deep)]
    if lacking:
        told = f"{len(lacking)} of {number} are not in {folder} as they were, such as {lacking[0]}"
        yield bad("pictures", told, _RESTORE)
    else:
        looked = "" if deep or number <= _MOST else f" (of which {_MOST} were looked for)"
        yield good("pictures", f"{number} shown by articles, all in {folder}{looked}")


def _names(store: Store, most: int) -> Iterator[str]:
    """In steps, so that no transaction is open for long."""
    last = ""
    while most > 0:
        with store.reading() as tx:
            found = pictured.shown(tx, after=last, limit=min(most, _AT_ONCE))
        if not found:
            return
        yield from found
        last, most = found[-1], most - len(found)


def _is_there(folder: Path, name: str, *, deep: bool) -> bool:
    file = pictures.place(folder, name)
    try:
        if not deep:
            return file.stat().st_size > 0
        return name.startswith(hashlib.sha256(file.read_bytes()).hexdigest())
    except OSError:
        return False
