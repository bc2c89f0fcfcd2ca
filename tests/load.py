"""Readers that ask a served site again and again, and write down what became of every request."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_PATIENCE = 30  # seconds for an answer
_REST = 0.01  # seconds after a refusal
_BREATH = (
    0.03  # seconds between two requests of a reader, which leave the service some of the machine
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: a status and a whole body, or the reason why not."""

    path: str
    begun: float  # monotonic seconds
    ended: float
    status: int | None = None
    fault: str = ""  # "refused", "closed" before any byte of an answer, or "broken" in its midst

    @property
    def is_good(self) -> bool:
        return not self.fault and self.status in (200, 304)


@dataclass(slots=True)
class Load:
    """The readers at work."""

    port: int
    answers: list[Answer] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def read(self, paths: Sequence[str], *, keeps: bool) -> None:
        """One reader: one connection for all requests, or one for each."""
        connection = self._connection()
        etags: dict[str, str | None] = {}
        for path in itertools.cycle(paths):
            if self.enough.is_set():
                break
            answer, etag = _asked(connection, path, etags.get(path))
            etags[path] = etag
            self.answers.append(answer)
            self.enough.wait(_REST if answer.fault else _BREATH)
            if answer.fault or not keeps:
                connection.close()
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)


def _asked(
    connection: http.client.HTTPConnection, path: str, etag: str | None
) -> tuple[Answer, str | None]:
    begun, status = time.monotonic(), None
    try:
        connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        response = connection.getresponse()
        status = response.status
        response.read()
    except ConnectionRefusedError:
        return Answer(path, begun, time.monotonic(), fault="refused"), None
    except (ConnectionError, http.client.HTTPException, TimeoutError) as error:
        fault = "closed" if status is None and isinstance(error, ConnectionError) else "broken"
        return Answer(path, begun, time.monotonic(), status, fault), None
    answer = Answer(path, begun, time.monotonic(), status)
    return answer, response.headers["ETag"] if status == 200 else etag


@contextmanager
def under_load(
    port: int, paths: Sequence[str], *, keeping: int = 2, fresh: int = 2
) -> Iterator[Load]:
    """That many readers of either kind, until the block ends."""
    load = Load(port)
    threads = [
        threading.Thread(
            target=load.read, args=([*paths[number:], *paths[:number]],), kwargs={"keeps": keeps}
        )
        for keeps, count in ((True, keeping), (False, fresh))
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.enough.set()
        for thread in threads:
            thread.join()
