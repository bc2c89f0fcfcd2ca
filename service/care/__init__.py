"""Looking after an installation."""

from __future__ import annotations

from service.care.backups import Backup, backup, held, restore
from service.care.doctor import examine
from service.care.findings import Finding, Health
from service.care.standing import exposed
from service.care.trimming import LATEST_POLLS, checkpoint, trim

__all__ = [
    "LATEST_POLLS",
    "Backup",
    "Finding",
    "Health",
    "backup",
    "checkpoint",
    "examine",
    "exposed",
    "held",
    "restore",
    "trim",
]
