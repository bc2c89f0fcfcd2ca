"""Group commit: what threads want written at about the same time, one of them writes in one transaction."""

from __future__ import annotations

import threading
from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from service.errors import StoreBusy, StoreFull

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

Tx = TypeVar("Tx")
Item = TypeVar("Item")
Made = TypeVar("Made")

_SHARED = (StoreBusy, StoreFull)  # what meets one meets all: trying again would only take longer


class _Ticket:
    """What a thread wants done, and then what came of it."""

    def __init__(
        self, work: Callable[[Any, Sequence[Any]], Sequence[Any]], item: Any, weight: int
    ) -> None:
        self.work = work
        self.item = item
        self.weight = weight
        self.made: list[Any] = []
        self.error: BaseException | None = None
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def wait(self) -> None:
        """Sleep until wake(), which may have come before."""
        self._asleep.acquire()

    def wake(self) -> None:
        """It is done, or its thread is the one to write next."""
        self._asleep.release()

    @property
    def is_done(self) -> bool:
        return bool(self.made) or self.error is not None


class Together(Generic[Tx]):
    """Work that is done for several at once; who comes while a transaction is under way waits for the next.

    A work gives an answer for each of its items, in their order. Where anything fails, each item is done by
    itself: nobody meets another's error. No more than `most` items share a transaction, and no more than
    `most_weight` weighs, but for a single item.
    """

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Tx]], *, most: int, most_weight: int
    ) -> None:
        self._transaction = transaction
        self._most = most
        self._most_weight = most_weight
        self._lock = threading.Lock()  # over the next two
        self._waiting: list[_Ticket] = []
        self._is_writing = False  # one of the threads does

    def do(
        self, work: Callable[[Tx, Sequence[Item]], Sequence[Made]], item: Item, weight: int = 0
    ) -> Made:
        """Have it done for this item; whatever error that meets is raised here."""
        ticket = _Ticket(work, item, weight)
        if not self._is_first(ticket):
            ticket.wait()
        if not ticket.is_done:
            self._write(ticket)
        if ticket.error is not None:
            raise ticket.error
        made: Made = ticket.made[0]
        return made

    def _is_first(self, ticket: _Ticket) -> bool:
        with self._lock:
            self._waiting.append(ticket)
            is_first, self._is_writing = not self._is_writing, True
        return is_first

    def _write(self, own: _Ticket) -> None:
        """Write until the own ticket is done; then whoever waits longest writes."""
        try:
            while not own.is_done:
                for ticket in self._do_next():
                    if ticket is not own:
                        ticket.wake()
        finally:
            with self._lock:
                self._is_writing = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].wake()

    def _next(self) -> list[_Ticket]:
        with self._lock:
            weights = list(accumulate(it.weight for it in self._waiting[: self._most]))
            number = max(1, bisect(weights, self._most_weight))
            some, self._waiting = self._waiting[:number], self._waiting[number:]
        return some

    def _do_next(self) -> list[_Ticket]:
        """Serve those who have come by the time that it may be written, and give their tickets."""
        tickets: list[_Ticket] = []
        try:
            with self._transaction() as tx:
                tickets = self._next()
                made = _made(tx, tickets)
        except BaseException as error:  # raised where each is waited for
            tickets = tickets or self._next()
            self._fail(tickets, error)
        else:
            _deliver(tickets, made)
        return tickets

    def _fail(self, tickets: Sequence[_Ticket], error: BaseException) -> None:
        is_one_s = isinstance(error, Exception) and not isinstance(error, _SHARED)
        if is_one_s and len(tickets) > 1:
            for ticket in tickets:
                self._do_alone(ticket)
            return
        for ticket in tickets:
            ticket.error = error

    def _do_alone(self, ticket: _Ticket) -> None:
        try:
            with self._transaction() as tx:
                made = _made(tx, [ticket])
        except BaseException as error:
            ticket.error = error
        else:
            _deliver([ticket], made)


def _made(tx: Any, tickets: Sequence[_Ticket]) -> list[Any]:
    """What came of each, work by work."""
    by_work: dict[Any, list[int]] = {}
    for n, it in enumerate(tickets):
        by_work.setdefault(it.work, []).append(n)
    found: dict[int, Any] = {}
    for work, numbers in by_work.items():
        found.update(zip(numbers, work(tx, [tickets[n].item for n in numbers]), strict=True))
    return [found[n] for n in range(len(tickets))]


def _deliver(tickets: Sequence[_Ticket], made: Sequence[Any]) -> None:
    for ticket, it in zip(tickets, made, strict=True):
        ticket.made.append(it)
