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
        self._turn = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._lock = threading.Lock()  # over the list

    def do(
        self, work: Callable[[Tx, Sequence[Item]], Sequence[Made]], item: Item, weight: int = 0
    ) -> Made:
        """Have it done for this item; whatever error that meets is raised here."""
        ticket = _Ticket(work, item, weight)
        with self._lock:
            self._waiting.append(ticket)
        while not ticket.is_done:
            with self._turn:
                if not ticket.is_done:
                    self._do_next()
        if ticket.error is not None:
            raise ticket.error
        made: Made = ticket.made[0]
        return made

    def _next(self) -> list[_Ticket]:
        with self._lock:
            weights = list(accumulate(it.weight for it in self._waiting[: self._most]))
            number = max(1, bisect(weights, self._most_weight))
            some, self._waiting = self._waiting[:number], self._waiting[number:]
        return some

    def _do_next(self) -> None:
        """Serve those who have come by the time that it may be written."""
        tickets: list[_Ticket] = []
        try:
            with self._transaction() as tx:
                tickets = self._next()
                made = _made(tx, tickets)
        except BaseException as error:  # raised where each is waited for
            self._fail(tickets or self._next(), error)
        else:
            _deliver(tickets, made)

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
