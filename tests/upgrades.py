"""Upgrades of a database in processes of their own, which tests start at once and kill."""

from __future__ import annotations

import os
import signal
from contextlib import closing

from sqlalchemy import Engine, event

from service import store as storage
from service.store import Store


def upgraded(url: str) -> None:
    """Upgrade it."""
    with closing(Store(url)) as store:
        storage.upgrade(store)


def upgraded_until(url: str, statement: int) -> None:
    """Upgrade, and die by kill -9 just before that statement, or else at the end."""
    seen = [0]

    @event.listens_for(Engine, "before_cursor_execute")
    def count(*_arguments):
        seen[0] += 1
        if seen[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "commit")
    def commit(_connection):
        count()

    upgraded(url)
    os.kill(os.getpid(), signal.SIGKILL)
