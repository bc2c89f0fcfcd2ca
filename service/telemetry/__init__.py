"""What the service tells of itself: log lines, and metrics. No secret reaches either."""

from __future__ import annotations

from service.telemetry.logs import STANDARD_LOGGERS, configure, log, told
from service.telemetry.redaction import conceal, redact

__all__ = ["STANDARD_LOGGERS", "conceal", "configure", "log", "redact", "told"]
