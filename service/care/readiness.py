"""Whether this process can do its work now: asked every few seconds by what stands in front of it.

Anybody may ask, so reasons name no path, host or user; the log does, when something changes.
"""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from msgspec import Struct

from service.config.database import without_secrets
from service.errors import StoreAhead, StoreBehind, StoreError
from service.store import beats
from service.store.probing import Probe
from service.store.revisions import check_within
from service.telemetry import log

if TYPE_CHECKING:
    from pathlib import Path

    from service.store import Store

MARK = (
    "Feedwright-Database"  # header of /healthz by which `feedwright doctor` knows its own service
)
BEAT_SECONDS = 1.5  # between two beats of the scheduler
LEAST_DISK = 0.05  # share of the disk that has to be free
MISSED_BEATS = 3  # beats after which the scheduler stands still
_PATIENCE = 1.0  # seconds for the database to answer


def mark(store: Store) -> str:
    """What tells services of this database from those of others, to whoever knows its address."""
    path = store.sqlite_path
    address = str(path.resolve()) if path else without_secrets(store.url)
    return hashlib.sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Check(Struct, frozen=True):
    """One thing that has to be so."""

    name: str
    ok: bool
    reason: str


class Readiness:
    """Looks at the database, the scheduler and the disk; one look at a time, however many ask."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._folder = folder
        self._probe = Probe(store)
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._lock = Lock()
        self._look: Future[list[Check]] | None = None
        self._trouble = ""  # last told in the log

    def checks(self) -> list[Check]:
        """How things stand, within little more than a second."""
        try:
            found = self._looking().result(_PATIENCE)
        except NotYet:
            found = _without_database(f"it does not answer within {_PATIENCE:.0f} s")
        return [*found, disk(self._folder)]

    def _looking(self) -> Future[list[Check]]:
        """The look under way, or a new one."""
        with self._lock:
            if self._look is None or self._look.done():
                self._look = self._looker.submit(self._looked)
            return self._look

    def _looked(self) -> list[Check]:
        try:
            with self._probe.looking() as tx:
                check_within(tx)
                scheduler = _scheduler(beats.age(tx, beats.SCHEDULER))
        except (StoreBehind, StoreAhead) as error:
            self._tell(str(error))
            return [_ANSWERS, Check("schema", False, str(error)), _no_scheduler()]
        except StoreError as error:
            self._tell(str(error))
            return _without_database("it cannot be used; the log tells why")
        self._tell("" if scheduler.ok else f"scheduler: {scheduler.reason}")
        return [_ANSWERS, _CURRENT, scheduler]

    def _tell(self, trouble: str) -> None:
        if bool(trouble) != bool(self._trouble):
            log().warning("not ready" if trouble else "ready again", reason=trouble or None)
        self._trouble = trouble


_ANSWERS = Check("database", True, "it answers")
_CURRENT = Check("schema", True, "it is this release's")


def _without_database(reason: str) -> list[Check]:
    return [Check("database", False, reason), _no_scheduler()]


def _no_scheduler() -> Check:
    return Check("scheduler", False, "nobody knows while the database cannot be used")


def _scheduler(age: timedelta | None) -> Check:
    if age is None:
        return Check("scheduler", False, "it has never been at work")
    told = f"its last beat was {age.total_seconds():.1f} s ago"
    return Check("scheduler", age < timedelta(seconds=MISSED_BEATS * BEAT_SECONDS), told)


def disk(folder: Path) -> Check:
    """Whether the disk of the folder, which need not be there yet, has room."""
    usage = shutil.disk_usage(nearest(folder))
    free = usage.free / usage.total
    return Check("disk", free >= LEAST_DISK, f"{free:.0%} free")


def nearest(folder: Path) -> Path:
    """The folder, or else the first one above it that is there for this user to see."""
    return next(it for it in (folder, *folder.parents) if _is_seen(it))


def _is_seen(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that this user may not enter
        return False
