"""Named selections have archives, too: what they select is numbered once it is published.

The store numbers an article in the scopes that it names itself; what a selection of config.toml makes of it,
the scheduler finds out from the change log, within a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import subjects
from service.model import ARTICLE, EVERYTHING
from service.selection import NAMED
from service.store import archives, articles, changelog, meta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.model import Selection
    from service.runtime import Runtime
    from service.store import Transaction

_BATCH = 100  # articles of one transaction


def settle(runtime: Runtime) -> None:
    """Number what the named selections have come to hold, the oldest first, a batch a transaction.

    Raises:
        StoreError: The database cannot be used.
    """
    for selection in _named(runtime):
        while _is_behind(runtime, selection) and not _settle_some(runtime, selection):
            pass


def _named(runtime: Runtime) -> Iterator[Selection]:
    for slug in runtime.config.selections:
        yield subjects.parse(runtime.config, f"{NAMED}/{slug}")


def _is_behind(runtime: Runtime, selection: Selection) -> bool:
    """Whether articles changed since it was numbered last; looked at so that no writer is disturbed."""
    with runtime.store.reading() as tx:
        number = _numbered_to(tx, runtime, selection)
        return number is None or any(
            it == EVERYTHING or it.startswith(ARTICLE) for it in changelog.since(tx, number)
        )


def _settle_some(runtime: Runtime, selection: Selection) -> bool:
    """Number a batch. Gives whether that was all."""
    with runtime.store.writing() as tx:
        missing = articles.unnumbered(tx, selection, selection.path, limit=_BATCH)
        number = _numbered_to(tx, runtime, selection)
        touched = [] if number is None else _touched(tx, number)
        found = [*missing, *articles.shown(tx, selection, touched)]
        if found:
            changelog.append(tx, [selection.path], runtime.clock.now())
        for article in found:
            archives.number(tx, {article: [selection.path]})
        is_all = len(missing) < _BATCH
        if is_all:
            told = f"{changelog.last(tx)} {_definition(runtime, selection)}"
            meta.renew(tx, _key(selection), told)
        return is_all


def _touched(tx: Transaction, number: int) -> list[int]:
    scopes = changelog.since(tx, number)
    return [int(it.removeprefix(ARTICLE)) for it in scopes if it.startswith(ARTICLE)]


def _numbered_to(tx: Transaction, runtime: Runtime, selection: Selection) -> int | None:
    """The change up to which it is numbered as it is defined now; None where it is not at all."""
    number, _, definition = (meta.told(tx, _key(selection)) or "").partition(" ")
    return int(number) if definition == _definition(runtime, selection) else None


def _definition(runtime: Runtime, selection: Selection) -> str:
    return runtime.config.selections[str(selection.name)].path


def _key(selection: Selection) -> str:
    return f"numbered {selection.path}"
