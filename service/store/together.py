"""Group commit: what threads want written at about the same time, one of them writes in one transaction."""

from __future__ import annotations

import threading
from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

from service.errors import StoreBusy, StoreFull

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Made = TypeVar("Made")

_SHARED = (StoreBusy, StoreFull)  # what meets one meets all: trying again would only take longer


class _Ticket(Generic[Item, Made]):
    """What a thread wants done, and then what came of it."""

    def __init__(self, item: Item, weight: int) -> None:
        self.item = item
        self.weight = weight
        self.made: list[Made] = []
        self.error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.made) or self.error is not None


class Together(Generic[Item, Made]):
    """Work that is done for several at once; who comes while it is under way waits for the next time.

    `work` gives an answer for each item, in their order. Where it fails for several, it is done for each by
    itself: nobody meets another's error. No more than `most` items are done at once, and no more than
    `most_weight` weighs, but for a single item.
    """

    def __init__(
        self, work: Callable[[Sequence[Item]], Sequence[Made]], *, most: int, most_weight: int
    ) -> None:
        self._work = work
        self._most = most
        self._most_weight = most_weight
        self._turn = threading.Lock()
        self._waiting: list[_Ticket[Item, Made]] = []
        self._lock = threading.Lock()  # over the list

    def do(self, item: Item, weight: int = 0) -> Made:
        """Have it done for this item; whatever error that meets is raised here."""
        ticket: _Ticket[Item, Made] = _Ticket(item, weight)
        with self._lock:
            self._waiting.append(ticket)
        while not ticket.is_done:
            with self._turn:
                if not ticket.is_done:
                    self._do(self._next())
        if ticket.error is not None:
            raise ticket.error
        return ticket.made[0]

    def _next(self) -> list[_Ticket[Item, Made]]:
        with self._lock:
            weights = list(accumulate(it.weight for it in self._waiting[: self._most]))
            number = max(1, bisect(weights, self._most_weight))
            some, self._waiting = self._waiting[:number], self._waiting[number:]
        return some

    def _do(self, tickets: Sequence[_Ticket[Item, Made]]) -> None:
        try:
            for ticket, made in zip(tickets, self._work([it.item for it in tickets]), strict=True):
                ticket.made.append(made)
        except BaseException as error:  # raised where each is waited for
            is_one_s = isinstance(error, Exception) and not isinstance(error, _SHARED)
            if is_one_s and len(tickets) > 1:
                for ticket in tickets:
                    self._do([ticket])
                return
            for ticket in tickets:
                ticket.error = error
