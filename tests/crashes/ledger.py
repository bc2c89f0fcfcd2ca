"""The articles that have to be there after a life, reckoned from what it began and what was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.crashes.journal import Line

Version = tuple[int, str]  # which text, and the status
Books = dict[str, Version]  # by slug


@dataclass(slots=True)
class Ledger:
    """What is known to be in the store. One writer at a time: a kill leaves one thing in doubt."""

    books: Books = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0

    def settle(self, lines: list[Line], found: Books) -> list[str]:
        """Go through a life's journal and hold the store against it; gives what is wrong with it.

        A line `steps` begins something: a list of transactions, each with the articles it writes. A line
        `settled` acknowledges an article of it and thereby its transaction; a line `done` all of it.
        """
        books, steps, certain = dict(self.books), list[Books](), 0
        for line in lines:
            if "steps" in line:
                steps, certain = [_books(step) for step in line["steps"]], 0
            elif "settled" in line:
                at = next(n for n, step in enumerate(steps) if line["settled"] in step)
                certain = max(certain, at + 1)
            elif "done" in line:
                books, steps, certain = _after(books, steps), [], 0
        possible = [_after(books, steps[:n]) for n in range(certain, len(steps) + 1)]
        self.books = found
        return [] if found in possible else self._faults(found, possible)

    def _faults(self, found: Books, possible: list[Books]) -> list[str]:
        nearest = min(possible, key=lambda books: len(books.items() ^ found.items()))
        lost = [f"lost: {slug} {nearest[slug]}, found {found.get(slug)}" for slug in nearest]
        lost = [
            text
            for slug, text in zip(nearest, lost, strict=True)
            if found.get(slug) != nearest[slug]
        ]
        doubled = [f"nobody wrote {slug} {found[slug]}" for slug in found if slug not in nearest]
        self.lost += len(lost)
        self.doubled += len(doubled)
        return [*lost, *doubled]


def _books(step: list[tuple[str, int, str]]) -> Books:
    return {slug: (version, status) for slug, version, status in step}


def _after(books: Books, steps: list[Books]) -> Books:
    result = dict(books)
    for step in steps:
        result |= step
    return result
