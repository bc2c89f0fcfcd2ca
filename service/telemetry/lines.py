"""The form of log lines: secrets are taken out, control characters spelled, and no line is too long."""

from __future__ import annotations

import math
import sys
import traceback
from typing import TYPE_CHECKING, Any, Literal

import structlog

from service.telemetry.redaction import redact

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Event = MutableMapping[str, Any]

MOST_BYTES = 16_384  # of a line, its end included
_MOST_VALUE = 2_000  # characters of a value
_MOST_TRACEBACK = 6_000  # characters; its end tells most
_CUT = " [cut]"
_QUOTED = frozenset(" ='\"\\")  # with one of them a text stands in quotes
_OF_EVERY_LINE = ("timestamp", "level", "logger", "event")


def begin(form: Literal["text", "json"], level: int) -> None:
    """Have structlog write lines of that form, from that level upwards."""
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


class _StandardError:
    """Writes each line at once to what standard error is at that moment."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = fatal = msg


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
