"""The pictures that are kept: those that no article has shown for a month are removed, a few at a time."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from service import pictures
from service.config import media_folder
from service.store import pictured
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from service.runtime import Runtime

UNUSED_KEPT = timedelta(days=30)  # readers hold feeds and pages that still show them
_FOLDERS = 256
_MOST = 5_000  # files looked at in one go


def trim(runtime: Runtime) -> None:
    """Look through one of the 256 folders, another each hour, and remove what is not needed there.

    A file that was written, or asked to be kept again, within the month stays: an import may be about to
    show it.
    """
    now = runtime.clock.now()
    folder = media_folder(runtime.config) / f"{int(now.timestamp()) // 3600 % _FOLDERS:02x}"
    old = [it for it in _files(folder) if _written(it) < now - UNUSED_KEPT]
    if not old:
        return
    with runtime.store.reading() as tx:
        used = pictured.in_use(tx, [it.name for it in old], now - UNUSED_KEPT)
    removed = [it.name for it in old if it.name not in used and _remove(it)]
    if removed:
        log().info("pictures removed that no article shows", number=len(removed), names=removed)


def _files(folder: Path) -> Iterable[Path]:
    with suppress(OSError):
        return islice((it for it in sorted(folder.iterdir()) if pictures.is_name(it.name)), _MOST)
    return ()


def _written(file: Path) -> datetime:
    with suppress(OSError):
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return datetime.max.replace(tzinfo=UTC)


def _remove(file: Path) -> bool:
    with suppress(OSError):
        file.unlink()
        return True
    return False
