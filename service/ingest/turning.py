"""From one host to the next: the end of one and the beginning of the other are one transaction.

So a thread that polls one host after the other waits for the database once a host, and not twice.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from service.errors import StoreBusy, StoreFull
from service.ingest import opening, recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.ingest.opening import Visit, Wish
    from service.ingest.poll import Ended, Poll, Reply
    from service.ingest.recording import Saving
    from service.store import Transaction

T = TypeVar("T")


class Waiting:
    """Hosts that wait for one of the threads that share them."""

    def __init__(self, wishes: Iterable[Wish] = ()) -> None:
        """Several threads ask `wishes` for the next, which a generator does not bear."""
        self._wishes = iter(wishes)
        self._put_back = deque["Wish"]()
        self._begun = deque["Visit"]()

    def next(self) -> Visit | Wish | None:
        """What a thread is to go on with: a host that is claimed already goes first."""
        return _first(self._begun) or self.wish()

    def wish(self) -> Wish | None:
        """Take the next host that nobody has claimed yet."""
        return _first(self._put_back) or next(self._wishes, None)

    def put_back(self, wish: Wish) -> None:
        """Let that host be the next again."""
        self._put_back.append(wish)

    def begin(self, visit: Visit) -> None:
        """Leave a host that is claimed to whichever thread is free first."""
        self._begun.append(visit)

    def clear(self) -> None:
        """Let no thread claim another host."""
        self._wishes = iter(())
        self._put_back.clear()


class _Turn(Struct, frozen=True):
    """What a thread has to write between two hosts."""

    ending: Saving
    wish: Wish


def save(poll: Poll, reply: Reply, waiting: Waiting) -> Ended:
    """Save a poll. If its host is given back with it, the next one that waits is claimed with it.

    Raises:
        LeaseLost: Another process polls the host of this poll now.
    """
    ending = recording.unsaved(poll, reply)
    wish = waiting.wish() if poll.is_last else None
    return _turn(_Turn(ending, wish), waiting) if wish else recording.save(ending)


def _turn(turn: _Turn, waiting: Waiting) -> Ended:
    store, weight = turn.wish.runtime.store, turn.ending.weight
    try:
        ended, visit = store.together(_turn_all, turn, weight=weight)
    except (StoreBusy, StoreFull):  # so it would be again
        waiting.put_back(turn.wish)
        raise
    except Exception:  # perhaps the other host's: this one's end is to be kept all the same
        waiting.put_back(turn.wish)
        return recording.save(turn.ending)
    if visit:
        waiting.begin(visit)
    elif not ended.is_released:
        waiting.put_back(turn.wish)
    return ended


def _turn_all(tx: Transaction, turns: Sequence[_Turn]) -> list[tuple[Ended, Visit | None]]:
    """Nobody claims a host who still holds another."""
    ended = recording.save_all(tx, [it.ending for it in turns])
    free = [turn.wish for turn, it in zip(turns, ended, strict=True) if it.is_released]
    visits = iter(opening.visit_all(tx, free))
    return [(it, next(visits) if it.is_released else None) for it in ended]


def _first(some: deque[T]) -> T | None:
    try:
        return some.popleft()
    except IndexError:  # there is none, or another thread was faster
        return None
