"""Pure: pages of a long list, and the numbers that lead through them."""

from __future__ import annotations

import re

from msgspec import Struct

from service.errors import NotFound

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_AROUND = 1  # pages shown on either side of the one at hand


class Pager(Struct, frozen=True):
    """Where a reader is in a list of `total` things cut into pages of `size`."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many things stand on the pages before."""
        return (self.number - 1) * self.size

    @property
    def numbers(self) -> list[int | None]:
        """The first page, those around this one, and the last; None stands for a gap."""
        near = range(self.number - _AROUND, self.number + _AROUND + 1)
        shown = sorted({1, self.last, *(n for n in near if 1 <= n <= self.last)})
        return _with_gaps(shown)


def _with_gaps(shown: list[int]) -> list[int | None]:
    numbers: list[int | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before == 2:  # a gap of one page takes no more room than its number
            numbers.append(before + 1)
        elif number - before > 2:
            numbers.append(None)
        numbers.append(number)
    return numbers


def pager(asked: str | None, *, size: int, total: int) -> Pager:
    """The page asked for by the query; none asked for is the first.

    Raises:
        NotFound: It is not a number, or there is no such page.
    """
    if asked is not None and not _NUMBER.fullmatch(asked):
        raise NotFound("no such page")
    found = Pager(int(asked or 1), size, total)
    if found.number > found.last:
        raise NotFound("no such page")
    return found
