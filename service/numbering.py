"""Archives of what the store does not number itself: named selections, and what others may republish.

The store numbers an article in the scopes that it names itself. What a selection of config.toml or a license
in force makes of it, the scheduler finds out from the change log, within a second.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from service import subjects
from service.addresses import by
from service.model import ARTICLE, EVERYTHING
from service.selection import LICENSE, NAMED, REPUBLISHABLE
from service.store import archives, articles, changelog, meta, refiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.model import Selection
    from service.runtime import Runtime
    from service.store import Transaction

_BATCH = 2_000  # articles of one transaction


class _Numbered(Struct, frozen=True):
    """A selection with numbers of its own."""

    selection: Selection
    scope: str
    path: str | None = None  # that config.toml gives it; None where licenses say what it is

    @property
    def key(self) -> str:
        """Under which it is noted how far it is numbered."""
        return f"numbered {self.selection.path}"

    def definition(self, tx: Transaction) -> str:
        """What it is now: of another, all is looked through again."""
        if self.path is not None:
            return self.path
        licenses = f"{meta.offered(tx)} {meta.precedence(tx)}"
        return sha256(licenses.encode()).hexdigest()

    def numbered_to(self, tx: Transaction) -> int | None:
        """The change up to which it is numbered as it is now; None where it is not at all."""
        number, _, definition = (meta.told(tx, self.key) or "").partition(" ")
        return int(number) if definition == self.definition(tx) else None


class _Work(Struct, frozen=True):
    """What is to be done for a selection."""

    definition: str  # of it, when that was looked up
    missing: list[int]  # row ids of what was never numbered, the first saved first
    change: int  # the newest then


def settle(runtime: Runtime) -> None:
    """Number what these selections have come to hold, the oldest first, a batch a transaction.

    Raises:
        StoreError: The database cannot be used.
    """
    for it in _all(runtime):
        with runtime.store.reading() as tx:  # so that no writer is disturbed for nothing
            work = _work(tx, it)
        if work is None:
            continue
        for first in range(0, len(work.missing), _BATCH):
            if runtime.stopping.is_set():
                return
            _append(runtime, it, work.missing[first : first + _BATCH])
        _go_on(runtime, it, work)


def _all(runtime: Runtime) -> Iterator[_Numbered]:
    for slug, settings in runtime.config.selections.items():
        selection = subjects.parse(runtime.config, f"{NAMED}/{slug}")
        yield _Numbered(selection, selection.path, settings.path)
    yield _Numbered(by(LICENSE, REPUBLISHABLE), f"{LICENSE}:{REPUBLISHABLE}")


def _work(tx: Transaction, it: _Numbered) -> _Work | None:
    """None where no article changed since it was numbered last.

    Where licenses say what it is, also while articles are being filed anew, and while none is free.
    """
    if it.path is None and (refiling.is_due(tx) or not meta.offered(tx)):
        return None
    definition = it.definition(tx)
    change, number = changelog.last(tx), it.numbered_to(tx)
    touched = {EVERYTHING: change} if number is None else changelog.since(tx, number)
    if EVERYTHING in touched:
        return _Work(definition, articles.unnumbered(tx, it.selection, it.scope), change)
    if any(name.startswith(ARTICLE) for name in touched):
        return _Work(definition, [], change)
    return None


def _append(runtime: Runtime, it: _Numbered, numbers: list[int]) -> None:
    """Number those that nobody has numbered meanwhile."""
    with runtime.store.writing() as tx:
        missing = articles.unnumbered_of(tx, it.selection, it.scope, numbers)
        if missing:
            changelog.append(tx, [it.scope], runtime.clock.now())
            archives.append(tx, it.scope, missing)


def _go_on(runtime: Runtime, it: _Numbered, work: _Work) -> None:
    """Number what changed since, and note how far that goes; not where it has become another meanwhile."""
    with runtime.store.writing() as tx:
        if it.definition(tx) != work.definition:
            return
        number = it.numbered_to(tx)
        touched = set() if number is None else _touched(tx, number)
        found = articles.shown(tx, it.selection, sorted(touched.difference(work.missing)))
        if found:
            changelog.append(tx, [it.scope], runtime.clock.now())
            archives.number(tx, {article: [it.scope] for article in reversed(found)})
        newest = work.change if number is None else changelog.last(tx)
        meta.renew(tx, it.key, f"{newest} {work.definition}")


def _touched(tx: Transaction, number: int) -> set[int]:
    scopes = changelog.since(tx, number)
    return {int(it.removeprefix(ARTICLE)) for it in scopes if it.startswith(ARTICLE)}
