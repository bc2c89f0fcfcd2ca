"""Load over HTTP, by wrk: one thread, 32 connections that stay open."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTIONS = 32
_SCRIPT = Path(__file__).with_name("wrk.lua")


class LoadFailed(Failed):
    """Requests were not answered, or not with 2xx or 3xx."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one round."""

    requests: int  # answered
    per_second: float
    p50: float  # milliseconds until half of the answers were there
    p99: float


def load(
    url: str, headers: Mapping[str, str], *, seconds: float, paths: Path | None = None
) -> Load:
    """Ask a URL, or every path of a file in turn, for that long (whole seconds, at least 1).

    Raises:
        LoadFailed: wrk counted errors.
    """
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s"]
    command += ["--timeout", "30s", "-s", str(_SCRIPT), *given, url]
    command += ["--", str(paths)] if paths else []
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout.splitlines()[-1])
    if told["failed"] or told["refused"]:
        raise LoadFailed(
            f"{url}: {told['failed']} requests without an answer,"
            f" {told['refused']} answers that are neither 2xx nor 3xx"
        )
    return Load(
        requests=told["requests"],
        per_second=told["requests"] / told["microseconds"] * 1e6,
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
    )
