"""Log lines: their form, and the names of what they tell. Secrets in URLs never reach them (SEC-10)."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Literal

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def configure(form: Literal["text", "json"], *, level: int = logging.INFO) -> None:
    """Log to standard error from now on, a line an event, from that level upwards."""
    last: Any = structlog.processors.JSONRenderer()
    if form == "text":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redacted,
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def log() -> Any:
    """The log: log().info("poll ended", source="...", result="...")."""
    return structlog.get_logger()


def _redacted(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _USERINFO.sub("***", value)
    return event
