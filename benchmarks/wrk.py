"""Load over HTTP, by wrk: one thread, 32 connections that stay open."""

from __future__ import annotations

import json
import math
import signal
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
    """Ask a URL, or every path of a file in turn, for that long.

    Raises:
        LoadFailed: wrk counted errors.
    """
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{math.ceil(seconds)}s"]
    command += ["--timeout", "30s", "-s", str(_SCRIPT), *given, url]
    command += ["--", str(paths)] if paths else []
    told = json.loads(_ran(command, seconds).splitlines()[-1])
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


def _ran(command: list[str], seconds: float) -> str:
    """What wrk, which knows whole seconds only, says when it is told to end after so many."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        try:
            said, _ = wrk.communicate(timeout=seconds if seconds % 1 else None)
        except subprocess.TimeoutExpired:
            wrk.send_signal(signal.SIGINT)
            said, _ = wrk.communicate()
    if wrk.returncode:
        raise LoadFailed(f"wrk has ended with code {wrk.returncode}")
    return said
