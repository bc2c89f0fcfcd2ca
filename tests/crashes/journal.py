"""What a life began and what was acknowledged to it, a line each, kept whatever happens to the life."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class Journal:
    """Written by a life. Every acknowledgement is on disk before the nursery hears of it."""

    def __init__(self, path: Path, beats: int) -> None:
        self.acks = 0
        self._beats = beats  # a pipe: a byte for each write that was acknowledged
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def begin(self, **what: Any) -> None:
        """Tell what is about to be asked for."""
        self._write(what)

    def ack(self, weight: int = 1, **what: Any) -> None:
        """Tell what a public call has just promised: so many writes."""
        self._write({"ack": weight, **what})
        os.fsync(self._file)
        self.acks += weight
        os.write(self._beats, b"." * weight)

    def close(self) -> None:
        """Write no more; lives that are killed do without."""
        os.close(self._file)

    def _write(self, line: Line) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def read(path: Path) -> list[Line]:
    """The whole lines of a journal; one that a kill tore was promised to nobody."""
    text = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in text.split(b"\n")[:-1]]


def acknowledged(lines: list[Line]) -> int:
    """How many writes were promised."""
    return sum(line.get("ack", 0) for line in lines)
