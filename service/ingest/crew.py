"""A whole round at once, by a process for each processor, as only one thread of each computes at a time.

They are forked from the one that has loaded everything, and each takes the next host as soon as it has room.
Each works on a store and a reader of its own, and ends with the process that started it, however that ends.
Each stays on a processor of its own: threads that wait for each other's interpreter on two take up to twice
as long.
"""

from __future__ import annotations

import errno
import os
import signal
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from msgspec import Struct

from service import processes
from service.errors import Refused, ServiceError, StoreError
from service.ingest.hosts import Round, due_hosts, in_order, poll_hosts
from service.parsing import Parser
from service.runtime import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import FileIO
    from multiprocessing.connection import Connection
    from typing import Self

    from service.config import Config

_NUMBER = 4  # bytes of a host's number
_ENOUGH = 25  # hosts for which another process is worth its start


def poll_round(config: Config, *, only_due: bool = True) -> Round:
    """Poll every host that is due, or every one, as many at once as [fetch] says in all processes together.

    Must be called by a process that has no other threads and no transaction open. Hosts that the database
    refuses, or whose process is ended, are told with the reason; the others are polled all the same.

    Raises:
        StoreError: The database cannot be used.
        Refused: No processes can be started. What one of them has polled by then is kept.
    """
    with opened(config) as held:
        hosts = due_hosts(held, only_due=only_due)
        number = min(os.cpu_count() or 1, config.fetch.hosts_at_once, len(hosts) // _ENOUGH)
        if number < 2:
            return poll_hosts(held, hosts, owner=processes.owner(), only_due=only_due)
    members: list[_Member] = []
    with _numbers(len(hosts)) as numbers:
        shared = _Shared(hosts, numbers)
        try:
            for n in range(number):
                members.append(_started(config, _Share(shared, n, number, only_due)))
            return _joined(members, hosts)
        finally:
            for it in members:
                it.end()


class _Shared:
    """Hosts that several processes share: whichever asks gets the next.

    They read their numbers from one open file, whose place moves on for all: a lock would stay behind with a
    process that is killed.
    """

    def __init__(self, hosts: Sequence[str], numbers: FileIO) -> None:
        self._hosts = hosts
        self._numbers = numbers
        self.taken: list[str] = []  # by this process

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        number = self._numbers.read(_NUMBER)
        if not number:
            raise StopIteration
        host = self._hosts[int.from_bytes(number)]
        self.taken.append(host)
        return host


@contextmanager
def _numbers(most: int) -> Iterator[FileIO]:
    """A file of that many numbers, from 0, at its beginning."""
    with ExitStack() as held:
        try:
            file = held.enter_context(TemporaryFile(buffering=0))
            numbers = b"".join(n.to_bytes(_NUMBER) for n in range(most))
            if file.write(numbers) < len(numbers):  # the disk is full: hosts would go missing
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            file.seek(0)
        except OSError as error:
            raise Refused(f"a temporary file cannot be written ({error.strerror})") from error
        yield file


class _Share(Struct, frozen=True):
    """What one of the processes is to do."""

    hosts: _Shared
    number: int  # of the process, from 0
    of: int  # so many processes
    only_due: bool


class _Member:
    """A process that polls its share of the hosts."""

    def __init__(self, config: Config, share: _Share) -> None:
        self._answer, its = get_context("fork").Pipe(duplex=False)
        self._process = get_context("fork").Process(
            target=_work, args=(os.getpid(), its, config, share)
        )
        self._process.start()
        its.close()

    def told(self) -> tuple[Round | ServiceError, list[str]]:
        """What came of its hosts, once it is through, and which they are."""
        try:
            found: tuple[Round | ServiceError, list[str]] = self._answer.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode or 0
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            return StoreError(f"the process that polled them ended with {how}"), []
        self._process.join()
        return found

    def end(self) -> None:
        """End the process if it is not through: what it has not kept is asked for again."""
        self._process.kill()
        self._process.join()


def _started(config: Config, share: _Share) -> _Member:
    try:
        return _Member(config, share)
    except OSError as error:
        raise Refused(
            f"the system starts no process to poll with ({error.strerror}); make room, and poll again"
        ) from error


def _work(parent: int, answer: Connection, config: Config, share: _Share) -> None:
    processes.die_with(parent)
    processes.look_seldom()
    parser = Parser(max((os.cpu_count() or 1) // share.of, 1))  # whose processes run on any
    processes.run_on(processes.processors()[share.number : share.number + 1])
    try:
        with opened(config, parser=parser) as held:
            found: Round | ServiceError = poll_hosts(
                held,
                share.hosts,
                owner=processes.owner(),
                only_due=share.only_due,
                at_once=config.fetch.hosts_at_once // share.of,
            )
    except ServiceError as error:
        found = error
    finally:
        parser.close()
    answer.send((found, share.hosts.taken))


def _joined(members: Sequence[_Member], hosts: Sequence[str]) -> Round:
    """What all of them did; what of the hosts became that none of them tells of."""
    told = [it.told() for it in members]
    rounds = [(found, taken) for found, taken in told if isinstance(found, Round)]
    errors = [found for found, _ in told if isinstance(found, ServiceError)]
    outcomes = [outcome for it, _ in rounds for outcome in it.outcomes]
    refused = {host: reason for it, _ in rounds for host, reason in it.refused.items()}
    if errors:
        known = {host for _, taken in rounds for host in taken}
        refused |= {host: str(errors[0]) for host in hosts if host not in known}
    return Round(in_order(outcomes), refused)
