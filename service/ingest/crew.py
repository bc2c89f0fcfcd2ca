"""A whole round at once, by a process for each processor, as only one thread of each computes at a time.

They are forked from the one that has loaded everything, and share the hosts among them. Each works on a
store and a reader of its own, and ends with the process that started it, however that ends. Each stays on a
processor of its own: threads that wait for each other's interpreter on two take up to twice as long.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from service import processes
from service.errors import Refused, ServiceError, StoreError
from service.ingest.hosts import Round, due_hosts, in_order, poll_hosts
from service.parsing import Parser
from service.runtime import opened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from service.config import Config

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
    try:
        for n in range(number):
            share = _Share(hosts[n::number], n, number, only_due)
            members.append(_started(config, share))
        return _joined(members)
    finally:
        for it in members:
            it.end()


@dataclass(frozen=True, slots=True)
class _Share:
    """What one of the processes is to do."""

    hosts: Sequence[str]
    number: int  # of the process, from 0
    of: int  # so many processes
    only_due: bool


class _Member:
    """A process that polls its share of the hosts."""

    def __init__(self, config: Config, share: _Share) -> None:
        self.hosts = share.hosts
        self._answer, its = get_context("fork").Pipe(duplex=False)
        self._process = get_context("fork").Process(
            target=_work, args=(os.getpid(), its, config, share)
        )
        self._process.start()
        its.close()

    def round(self) -> Round:
        """What came of its hosts, once it is through."""
        try:
            found: Round | ServiceError = self._answer.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode or 0
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            found = StoreError(f"the process that polled them ended with {how}")
        self._process.join()
        if isinstance(found, ServiceError):
            return Round([], dict.fromkeys(self.hosts, str(found)))
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
    answer.send(found)


def _joined(members: Sequence[_Member]) -> Round:
    """What all of them did."""
    rounds = [it.round() for it in members]
    outcomes = [outcome for it in rounds for outcome in it.outcomes]
    refused = {host: reason for it in rounds for host, reason in it.refused.items()}
    return Round(in_order(outcomes), refused)
