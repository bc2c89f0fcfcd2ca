"""How many requests were answered in which way: counted by each thread for itself, added up when asked."""

from __future__ import annotations

from threading import get_ident

from msgspec import Struct
from msgspec.structs import astuple


class Tally(Struct):
    """Answers of one thread, or of all."""

    whole: int = 0  # 200 from memory, or just made
    unchanged: int = 0  # 304
    rendered: int = 0  # feeds that had to be made
    taken_over: int = 0  # feeds that another worker had made
    last_good: int = 0  # of those, told while the database did not answer
    passed: int = 0  # requests for anything else


class Tallies:
    """One tally a thread, so that counting takes no lock."""

    def __init__(self) -> None:
        self._of: dict[
            int, Tally
        ] = {}  # a thread that ends leaves its number, and its tally, to another

    def mine(self) -> Tally:
        """The tally of this thread."""
        ident = get_ident()
        tally = self._of.get(ident)
        if tally is None:
            tally = self._of[ident] = Tally()
        return tally

    def total(self) -> Tally:
        """What all threads have counted together."""
        columns = zip(*map(astuple, tuple(self._of.values())), strict=True)
        return Tally(*(sum(column) for column in columns))
