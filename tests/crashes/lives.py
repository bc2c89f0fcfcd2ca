"""The tests' side of a nursery: order a life, and learn how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.crashes.points import Point

HERE = Path(__file__).parents[2]
KILLED = "SIGKILL"
ENDED = "exit 0"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is done to a life: so many acknowledgements and seconds after its birth."""

    acks: int
    pause: float  # seconds
    act: str = "kill"  # or a folder to copy the database to


@dataclass(frozen=True, slots=True)
class Order:
    """A life: what it is to do, and when it is to die."""

    work: str
    config: Path
    journal: Path
    args: dict[str, Any]
    moments: tuple[Moment, ...] = ()
    point: Point | None = None
    is_first: bool = (
        False  # lived by the nursery itself: what it has compiled, those after it inherit
    )
    copied: tuple[Path, ...] = field(default=())


class Nursery:
    """A nursery in a process of its own."""

    def __init__(self, log: Path, *, wrapper: tuple[str, ...] = ()) -> None:
        self._log = log
        self._errors = log.open("w")
        self._process = subprocess.Popen(
            [*wrapper, sys.executable, "-m", "tests.crashes.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=HERE,
        )

    def raise_one(self, order: Order) -> str:
        """Let a life be lived. Gives how it ended: KILLED, ENDED, or what went wrong."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(order), default=str) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the nursery is dead:\n{self._log.read_text()}"
        ended: str = json.loads(answer)
        assert ended in (KILLED, ENDED), f"a life ended by {ended}:\n{self._log.read_text()}"
        return ended

    def close(self) -> None:
        """End it; the life under way is over by then."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
