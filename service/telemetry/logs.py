"""Log lines: their form, and what they never hold.

Everything goes one way, ours and that of the libraries that use `logging`: secrets are taken out, control
characters are spelled, and the line is cut before it grows beyond bounds.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# For libraries that set up loggers of their own, as dictConfig takes it: hand everything on to ours.
STANDARD_LOGGERS: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {
        name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")
    },
}


def configure(form: Literal["text", "json"], *, level: int = logging.INFO) -> None:
    """Log to standard error from now on, a line an event, from that level upwards."""
    _Unloaded.waiting = (form, level)
    if "structlog" in sys.modules:
        _begin()
    root = logging.getLogger()
    for handler in [it for it in root.handlers if isinstance(it, _Through)]:
        root.removeHandler(handler)
    root.addHandler(_Through(level))
    root.setLevel(max(level, logging.WARNING))  # what libraries tell of their own work is theirs
    sys.excepthook = _tell_uncaught


def log() -> Any:
    """The log: log().info("poll ended", source="...", result="...")."""
    return _Unloaded() if _Unloaded.waiting else _begin()


class _Unloaded:
    """The log until its first line: structlog takes a tenth of a command's start, and most log nothing."""

    waiting: tuple[Literal["text", "json"], int] | None = None  # the form, and the lowest level

    def __getattr__(self, name: str) -> Any:
        level = logging.getLevelNamesMapping().get(name.upper(), logging.CRITICAL)
        is_told = self.waiting is None or level >= self.waiting[1]
        return getattr(_begin(), name) if is_told else _told_nobody


def _told_nobody(*_: object, **__: object) -> None:
    """A line below the level."""


def _begin() -> Any:
    import structlog

    from service.telemetry import lines

    if _Unloaded.waiting:
        lines.begin(*_Unloaded.waiting)
        _Unloaded.waiting = None
    return structlog.get_logger()


@contextmanager
def told(process: str) -> Iterator[None]:
    """Log what nobody catches in a process of the service and in its threads; it ends with exit code 1."""
    threading.excepthook = _tell_of_thread
    try:
        yield
    except Exception:
        log().exception("process broke", process=process)
        sys.exit(1)


class _Through(logging.Handler):
    """Takes what libraries log into our log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            log().log(
                record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
            )
        except Exception:  # as every handler: what cannot be logged breaks nothing
            self.handleError(record)


def _tell_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log().critical("uncaught exception", exc_info=(kind, error, trace))


def _tell_of_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is not None and not isinstance(caught.exc_value, SystemExit):
        log().error(
            "thread broke", thread=caught.thread.name if caught.thread else None,
            exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback),
        )  # fmt: skip
