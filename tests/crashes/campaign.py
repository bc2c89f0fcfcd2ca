"""A campaign: life after life on one database, each killed, each audited."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from tests.crashes import audit, journal
from tests.crashes.audit import Auditor, Follower
from tests.crashes.journal import Line
from tests.crashes.lives import ENDED, KILLED, Moment, Nursery, Order
from tests.crashes.points import COMMIT, STATEMENT, Point
from tests.newsroom import NOW

FLOOR = 200  # acknowledged writes per ten kills: fewer, and the campaign has shown nothing
_PAUSE = 0.05  # seconds, at most, between that and the kill
_APART = timedelta(
    hours=200
)  # between the births of two lives, more than any of them lives through

EVERYWHERE = (
    Point(STATEMENT, "before"),
    Point(STATEMENT, "after"),
    Point(COMMIT, "before"),
    Point(COMMIT, "after"),
)


class Trial(Protocol):
    """What a campaign puts lives to: the work, and what has to come of it."""

    work: str
    points: tuple[Point, ...]
    parts: dict[str, tuple[str, int]]
    once: int  # rounds in which each kind of work is done
    most: int  # acknowledgements of a life before it is killed
    lost: int
    doubled: int

    def args(self, life: int) -> dict[str, Any]:
        """What a life is told beside its number and the time."""

    def settle(self, lines: list[Line], tx: Connection) -> list[str]:
        """Hold the store against a life's journal; gives what is wrong."""


@dataclass(slots=True)
class Campaign:
    """Kills so far, and what was acknowledged until then."""

    trial: Trial
    nursery: Nursery
    config: Path
    auditor: Auditor
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    kills: int = 0
    acks: list[int] = field(default_factory=list)
    lives: int = 0
    hit: set[str] = field(default_factory=set)
    follower: Follower = field(default_factory=Follower)

    def fight(self, kills: int) -> None:
        """Every second life dies at a named point, the others at a random moment; the first is not killed."""
        self.rest(is_first=True, rounds=self.trial.once)
        self.acks.clear()
        named = [*EVERYWHERE, *self.trial.points]
        while self.kills < kills:
            order = self._order()
            if self.kills % 2:
                order = self._dying_at(named[self.kills // 2 % len(named)], order)
            else:
                order = replace(order, moments=(self._moment(),))
            is_killed = self.nursery.raise_one(order) == KILLED
            self.look(order)
            if not is_killed:  # the machine was busy: all was done before the moment came
                assert not order.point, f"{order.point} was never reached"
                self.acks.pop()
                continue
            self.kills += 1
            if order.point:
                self.hit.add(str(order.point))
        assert sum(self.acks) * 10 >= FLOOR * self.kills, f"only {sum(self.acks)} acknowledged"
        self._tell()

    def rest(self, *, is_first: bool = False, **args: Any) -> None:
        """A life that nobody disturbs."""
        order = replace(self._order(), is_first=is_first)
        order.args.update(args)
        assert self.nursery.raise_one(order) == ENDED
        self.look(order)

    def look(self, order: Order) -> None:
        """Audit the database as this life has left it."""
        lines = journal.read(order.journal)
        self.acks.append(journal.acknowledged(lines))
        with self.auditor.asking() as tx:
            seen = audit.visible(tx)
            found = self.trial.settle(lines, tx)
            found += audit.faults(tx, seen, parts=self.trial.parts)
            found += self.follower.faults(tx, seen)
            if self.lives % 10 == 0:
                found += audit.integrity(tx)
        assert not found, f"life {self.lives} ({order.point or order.moments}): {found[:5]}"

    def _order(self) -> Order:
        self.lives += 1
        args = {"life": self.lives, "now": (NOW + self.lives * _APART).isoformat(), "rounds": 90}
        path = self.folder / f"journal-{self.lives}"
        return Order(self.trial.work, self.config, path, args | self.trial.args(self.lives))

    def _moment(self) -> Moment:
        return Moment(self._acks(), self.chance.uniform(0, _PAUSE))

    def _dying_at(self, point: Point, order: Order) -> Order:
        nth = self.chance.randint(1, 40 if point.name == STATEMENT else 2)
        return replace(order, point=replace(point, nth=nth, acks=self._acks()))

    def _acks(self) -> int:
        """After how many acknowledgements to kill: any number, but enough of them in the long run."""
        wanted = FLOOR * (self.kills + 1) // 10 - sum(self.acks)
        return self.chance.randint(min(max(wanted, 0), self.trial.most), self.trial.most)

    def _tell(self) -> None:
        engine = self.auditor.database.partition(":")[0]
        sys.stdout.write(
            f"{self.trial.work} on {engine}: {self.kills} kills at {len(self.hit)} named points and"
            f" at random, {sum(self.acks)} acknowledged, {self.trial.lost} lost,"
            f" {self.trial.doubled} doubled\n"
        )
