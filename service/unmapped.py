"""The terms by which a partner files its entries, and which nobody here has said what to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service import rules
from service.replaying import replayed, source_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from service.runtime import Runtime


class UnmappedTerm(Struct, frozen=True):
    """An upstream term that is filed nowhere."""

    term: str  # as the source writes it
    entries: int  # that have it
    last_seen: datetime | None  # when the last of them first came
    example: str  # the title of that one


def unmapped_terms(
    runtime: Runtime, slug: str, *, progress: Callable[[int, int], None] | None = None
) -> list[UnmappedTerm]:
    """The terms of everything that is kept of a source which are filed nowhere, the most frequent first.

    `progress` is told how many entries are done, and how many there are.

    Raises:
        NotFound: config.toml names no such source.
    """
    source, settings = source_of(runtime, slug)
    found: dict[str, UnmappedTerm] = {}
    for batch in replayed(runtime, source, progress=progress):
        for it in batch:
            terms = (
                rules.unmapped(it.entry.categories, settings, runtime.config) if it.entry else ()
            )
            for term in dict.fromkeys(terms):
                number = found[term].entries if term in found else 0
                title = (it.entry and it.entry.title) or it.record.key
                found[term] = UnmappedTerm(term, number + 1, it.record.first_seen, title)
    return sorted(found.values(), key=lambda it: (-it.entries, it.term))
