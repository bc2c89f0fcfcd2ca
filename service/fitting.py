"""How entries stand in a feed that is to keep to so many bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.pieces import pieces
from service.flaws import spared

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from feeds.model import Entry, Feed, Format

_HEAD = 30_000  # bytes of a document beside its entries: head and tombstones


def written(bare: Feed, entries: Sequence[Entry], kind: Format) -> list[bytes]:
    """How each of these stands in a document of the feed; empty where it cannot be written (HTTP-21)."""
    return spared(
        lambda them: pieces(bare, them, kind), entries, otherwise=b"", named=lambda it: it.id
    )


def fitted(
    whole: list[bytes],
    brief: Callable[[Sequence[int]], Sequence[bytes]],
    *,
    most: int,
    spare: Collection[int] = (),
) -> list[bytes]:
    """As many entries as fit into a document of so many bytes, the newest in full.

    Of those after them the spare ones, by their places in `whole`, are left out, and the others stand without
    their text, as `brief` gives them by their places. The first stands in full, whatever its size.
    """
    most -= _HEAD
    if sum(map(len, whole)) <= most:
        return whole
    needed = [place for place in range(len(whole)) if place not in spare]
    short = dict(zip(needed, brief(needed), strict=True))
    size = sum(map(len, short.values()))
    for number, entry in enumerate(whole):
        size += len(entry) - len(short.get(number, b""))
        if number and size > most:
            return [*whole[:number], *(it for place, it in short.items() if place >= number)]
    return whole
