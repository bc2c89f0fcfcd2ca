"""How many distinct things were seen, within about 3 %, in a kilobyte that names none of them.

HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) over 64-bit digests, with linear counting for small
numbers, which are then nearly exact.
"""

from __future__ import annotations

from math import log
from typing import Self

_BITS = 10
SIZE = 1 << _BITS  # registers, a byte each
_REST = 64 - _BITS
_MASK = (1 << _REST) - 1
_ALPHA = 0.7213 / (1 + 1.079 / SIZE)


class Sketch:
    """Counts distinct digests."""

    def __init__(self, registers: bytes = bytes(SIZE)) -> None:
        self._registers = bytearray(registers)

    def add(self, digest: int) -> None:
        """Count a digest of 64 bits; the same one again changes nothing."""
        place = digest >> _REST
        rank = _REST - (digest & _MASK).bit_length() + 1
        if rank > self._registers[place]:
            self._registers[place] = rank

    def merged(self, other: Sketch) -> Sketch:
        """The sketch of what either has seen."""
        return Sketch(bytes(map(max, self._registers, other._registers)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The sketch that `text` was of."""
        return cls(bytes.fromhex(text))

    @property
    def text(self) -> str:
        """The registers in hexadecimal."""
        return self._registers.hex()

    def count(self) -> int:
        """About how many distinct digests were added."""
        empty = self._registers.count(0)
        raw = _ALPHA * SIZE * SIZE / sum(2.0**-register for register in self._registers)
        if raw <= 2.5 * SIZE and empty:
            raw = SIZE * log(SIZE / empty)
        return round(raw)
