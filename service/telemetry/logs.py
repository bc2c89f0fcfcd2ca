"""Log lines: their form, and what they never hold.

Everything goes one way, ours and that of the libraries that use `logging`: secrets are taken out, control
characters are spelled, and the line is cut before it grows beyond bounds.
"""

from __future__ import annotations

import logging
import math
import sys
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import structlog

from service.telemetry.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from types import TracebackType

    Event = MutableMapping[str, Any]

MOST_BYTES = 16_384  # of a line, its end included
_MOST_VALUE = 2_000  # characters of a value
_MOST_TRACEBACK = 6_000  # characters; its end tells most
_CUT = " [cut]"
_QUOTED = frozenset(" ='\"\\")  # with one of them a text stands in quotes
_OF_EVERY_LINE = ("timestamp", "level", "logger", "event")

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
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traced,
            _redacted,
            _bounded,
            _json if form == "json" else _text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [it for it in root.handlers if isinstance(it, _Through)]:
        root.removeHandler(handler)
    root.addHandler(_Through(level))
    root.setLevel(max(level, logging.WARNING))  # what libraries tell of their own work is theirs
    sys.excepthook = _tell_uncaught


def log() -> Any:
    """The log: log().info("poll ended", source="...", result="...")."""
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


class _StandardError:
    """Writes each line at once to what standard error is at that moment."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = fatal = msg


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


def _traced(_logger: object, _method: str, event: Event) -> Event:
    """Turn exc_info into the text of the traceback, whose end is kept when it is long."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _redacted(_logger: object, _method: str, event: Event) -> Event:
    cleaned: Event = redact(dict(event))
    return cleaned


def _bounded(_logger: object, _method: str, event: Event) -> Event:
    """Cut what is long: the tail of texts, the head of a traceback."""
    for name, value in event.items():
        if name == "exception":
            event[name] = value[-_MOST_TRACEBACK:]
        elif isinstance(value, str) and len(value) > _MOST_VALUE:
            event[name] = value[:_MOST_VALUE] + _CUT
    return event


_as_json = structlog.processors.JSONRenderer()


def _json(logger: object, method: str, event: Event) -> str:
    """A JSON object; its escapes leave no control character and nothing but ASCII."""
    event = _finite(event)
    line = str(_as_json(logger, method, event))
    if len(line) < MOST_BYTES:
        return line
    kept = {name: event[name] for name in _OF_EVERY_LINE if name in event}
    return str(_as_json(logger, method, {**kept, "cut": True}))


def _finite(value: Any) -> Any:
    """The value with the numbers as text that JSON has none for: "nan", "inf" and "-inf"."""
    if isinstance(value, dict):
        return {name: _finite(it) for name, it in value.items()}
    if isinstance(value, list):
        return [_finite(it) for it in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _text(logger: object, method: str, event: Event) -> str:
    """For people: what is of several lines is indented, so that none of them can pass for a line of ours."""
    trace = event.pop("exception", None)
    spelled: Event = {
        _spelled(name): _spelled(str(it)) if name in _OF_EVERY_LINE else _Shown(it)
        for name, it in event.items()
    }
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    lines = [str(console(logger, method, spelled))]
    lines += [f"    | {_spelled(line)}" for line in (trace or "").splitlines()]
    return "\n".join(map(_cut, lines))


class _Shown:
    """A value as it stands in a line of text: what was escaped once is not escaped again."""

    def __init__(self, value: object) -> None:
        is_plain = isinstance(value, str) and value.isprintable() and not _QUOTED & set(value)
        self._text = str(value) if is_plain else _spelled(repr(value))

    def __repr__(self) -> str:
        return self._text


def _spelled(text: str) -> str:
    """The text with every character spelled out that moves the cursor or ends a line."""
    return "".join(
        it if it.isprintable() else it.encode("unicode_escape").decode("ascii") for it in text
    )


def _cut(line: str) -> str:
    raw = line.encode("utf-8", "backslashreplace")
    if len(raw) < MOST_BYTES:
        return line
    return raw[: MOST_BYTES - len(_CUT) - 1].decode("utf-8", "ignore") + _CUT
