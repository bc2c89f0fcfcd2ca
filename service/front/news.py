"""What the change log has told a process, kept: each answer is held against it, and a query takes longer."""

from __future__ import annotations

from collections import OrderedDict
from operator import itemgetter
from typing import TYPE_CHECKING

from service.model import EVERYTHING
from service.store import changelog

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from service.store import Transaction

_MOST = 20_000  # scopes


class News:
    """The newest change of each scope that was touched lately. One thread at a time may use it."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._newest: OrderedDict[str, int] = OrderedDict()  # by scope, in the order of changes
        self._after = 0  # the change after which all that were heard of are among them
        self._heard: int | None = None  # the newest that was heard of

    def since(self, tx: Transaction) -> Mapping[str, int]:
        """Every scope touched since the changes that were heard of, with its newest change.

        Everything, where none were.
        """
        if self._heard is None:
            return {EVERYTHING: changelog.last(tx)}
        return changelog.since(tx, self._heard)

    def hear(self, touched: Mapping[str, int]) -> None:
        """Keep what since() gave, once it has had its consequences."""
        if self._heard is None:
            self._heard = self._after = max(touched.values())
            return
        self._heard = max(touched.values(), default=self._heard)
        self._keep(touched)

    def concern(self, scopes: Collection[str], change: int) -> bool | None:
        """Whether one of these scopes was touched after that change, by all that was heard of.

        None where that is not remembered.
        """
        if self._heard is None or change < self._after:
            return None
        return any(self._newest.get(it, 0) > change for it in (EVERYTHING, *scopes))

    def look_up(self, tx: Transaction, scopes: Collection[str], change: int) -> bool:
        """The same by the change log, which is remembered from there on."""
        touched = changelog.since(tx, change)
        if EVERYTHING in touched:
            return True
        if self._heard is not None and change < self._after:
            self._after = change
            self._newest.clear()
            self._keep(touched)
        return not touched.keys().isdisjoint(scopes)

    def _keep(self, touched: Mapping[str, int]) -> None:
        for scope, change in sorted(touched.items(), key=itemgetter(1)):
            self._newest[scope] = change
            self._newest.move_to_end(scope)
        while len(self._newest) > self._most:
            _, self._after = self._newest.popitem(last=False)
