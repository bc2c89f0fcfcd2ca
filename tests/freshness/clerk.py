"""A process of the service that does as it is told: it writes, or answers readers through its own front."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from service import config as configuration
from service import naming, newsroom
from service import runtime as running
from service.front import Front
from service.model import Article
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests.fakes import ManualClock
from tests.nursery import NURSERY


class Desk:
    """What a clerk can do; each at the time that it is given."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._clock = ManualClock(now)
        self._life = running.opened(configuration.load(path), clock=self._clock)
        self._current = Current(self._life.__enter__())
        self._front = Front(create_app(self._current), self._current)
        self._client = Client(self._front)

    def do(self, name: str, now: datetime, *arguments: Any) -> Any:
        self._clock.set(now)
        return getattr(self, name)(*arguments)

    def write(self, *drafts: Article) -> None:
        with self._current.runtime.store.writing() as tx:
            articles.save(tx, drafts, now=self._clock.now())

    def retract(self, guid: str) -> None:
        newsroom.retract(self._current.runtime, guid, reason="It was wrong.")

    def settle(self) -> None:
        newsroom.settle(self._current.runtime)

    def rename(self, slug: str, name: str) -> None:
        naming.rename_author(self._current.runtime, slug, name)

    def move(self, slug: str, to: str) -> None:
        naming.move_author(self._current.runtime, slug, to)

    def reload(self, text: str) -> None:
        file = self._current.runtime.config.file
        assert file is not None
        config = configuration.parse(text, file)
        running.adopt(self._current.runtime.store, config, self._clock)

    def get(self, path: str, etag: str | None = None) -> tuple[int, str, str]:
        headers = {"If-None-Match": etag} if etag else {}
        answer = self._client.get(path, headers=headers)
        return answer.status_code, answer.text, answer.headers.get("ETag", "")

    def close(self) -> None:
        self._front.close()
        self._life.__exit__(None, None, None)


def _serve(path: Path, now: datetime, line: Connection) -> None:
    desk = Desk(path, now)
    while (order := line.recv()) is not None:
        try:
            line.send((desk.do(*order), None))
        except Exception as error:  # told to whoever gave the order
            line.send((None, repr(error)))
    desk.close()


@dataclass(frozen=True, slots=True)
class Clerk:
    """The way to a clerk's process."""

    line: Connection

    def begin(self, name: str, now: datetime, *arguments: Any) -> None:
        """Give an order and go on."""
        self.line.send((name, now, *arguments))

    def result(self) -> Any:
        """What came of the order."""
        found, error = self.line.recv()
        assert error is None, error
        return found

    def do(self, name: str, now: datetime, *arguments: Any) -> Any:
        """Give an order and wait for its end."""
        self.begin(name, now, *arguments)
        return self.result()

    def is_done(self) -> bool:
        return self.line.poll()


@contextmanager
def clerks(number: int, path: Path, now: datetime) -> Iterator[list[Clerk]]:
    """So many processes on one database."""
    made, processes = [], []
    for _ in range(number):
        ours, theirs = NURSERY.Pipe()
        process = NURSERY.Process(target=_serve, args=(path, now, theirs), daemon=True)
        process.start()
        theirs.close()
        made.append(Clerk(ours))
        processes.append(process)
    try:
        yield made
    finally:
        for clerk in made:
            clerk.line.send(None)
        for process in processes:
            process.join(10)
            process.kill()
