"""The list of work that is due by time, and how often each looks for it."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service import ingest
from service.store import articles, sources
from service.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Task:
    """Work that looks for itself what is due."""

    name: str
    every: float  # seconds between looks
    run: Callable[[Runtime], None]


class Pollers:
    """The threads that poll: a slow host holds up no other, and none is polled by two of them."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="poll")
        self._under_way: set[str] = set()
        self._most = at_once * 4

    def look(self, runtime: Runtime) -> None:
        """Have every host polled that is due and not under way."""
        with runtime.store.reading() as tx:
            due = sources.due_hosts(tx, runtime.clock.now(), limit=self._most)
        for host in due:
            if host not in self._under_way:
                self._under_way.add(host)
                self._pool.submit(self._poll, runtime, host)

    def _poll(self, runtime: Runtime, host: str) -> None:
        try:
            ingest.poll_host(runtime, host, owner=owner())
        except Exception as error:  # nobody waits for this thread: the log has to tell
            log().exception("polling broke", host=host, error=str(error))
        finally:
            self._under_way.discard(host)

    def close(self) -> None:
        """Let what is under way come to its end, and begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def settle_due(runtime: Runtime) -> None:
    """Publish the scheduled articles whose time has come, retract those whose time is over."""
    now = runtime.clock.now()
    with runtime.store.reading() as tx:  # so that the writer is not disturbed for nothing
        due = articles.next_change(tx)
    if due is None or due > now:
        return
    with runtime.store.writing() as tx:
        released, expired = articles.release_due(tx, now), articles.expire_due(tx, now)
    log().info("articles settled", released=released, expired=expired)


def owner() -> str:
    """Who holds a lease: this process on this machine."""
    return f"{socket.gethostname()}:{os.getpid()}"


def all_of(pollers: Pollers) -> tuple[Task, ...]:
    """Everything that is due by time."""
    return (Task("poll", 1.0, pollers.look), Task("settle", 1.0, settle_due))
