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


def poll_due(runtime: Runtime) -> None:
    """Poll every host that is due, several at once, one request at a time each."""
    at_once = runtime.config.fetch.hosts_at_once
    with runtime.store.reading() as tx:
        hosts = sources.due_hosts(tx, runtime.clock.now(), limit=at_once * 4)
    if not hosts:
        return
    with ThreadPoolExecutor(at_once, thread_name_prefix="poll") as pool:
        for _ in pool.map(lambda host: ingest.poll_host(runtime, host, owner=owner()), hosts):
            pass


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


ALL = (Task("poll", 1.0, poll_due), Task("settle", 1.0, settle_due))
