"""Named crash points: moments at which a life kills itself, installed in the life and nowhere else."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import Engine, event

from tests.crashes.journal import Journal

STATEMENT = "statement"  # any statement of any transaction
COMMIT = "sqlalchemy.engine.default.DefaultDialect.do_commit"


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th time, once so many writes were acknowledged, that something begins or has ended."""

    name: str  # STATEMENT, or the dotted name of a function or method
    when: str  # "before" or "after"
    nth: int = 1
    acks: int = 0

    def __str__(self) -> str:
        return f"{self.when} {self.name}"


def install(point: Point, journal: Journal) -> None:
    """From now on, die at that point."""
    passed = 0

    def pass_by() -> None:
        nonlocal passed
        passed += journal.acks >= point.acks
        if passed == point.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    if point.name == STATEMENT:
        event.listen(Engine, f"{point.when}_cursor_execute", lambda *_: pass_by())
    else:
        _wrap(point, pass_by)


def _wrap(point: Point, pass_by: Callable[[], None]) -> None:
    owner, name = _owner(point.name)
    call = getattr(owner, name)

    @wraps(call)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if point.when == "before":
            pass_by()
        answer = call(*arguments, **named)
        if point.when == "after":
            pass_by()
        return answer

    setattr(owner, name, wrapped)


def _owner(dotted: str) -> tuple[Any, str]:
    """The module or class that holds the name, and the name."""
    path, _, name = dotted.rpartition(".")
    try:
        return importlib.import_module(path), name
    except ModuleNotFoundError:
        module, _, kind = path.rpartition(".")
        return getattr(importlib.import_module(module), kind), name
