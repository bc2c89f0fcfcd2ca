"""What threads want done at the same time is done in one go, and nobody meets another's error."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest

from service.errors import StoreBusy
from service.store.together import Together


class Work:
    """Doubles numbers, which weigh as much; the first time it waits until all threads have come."""

    def __init__(self, *, most: int = 16, busy: bool = False) -> None:
        self.batches: list[list[int]] = []
        self._busy = busy
        self._together = Together(nullcontext, most=most, most_weight=100)
        self._begun, self._goes_on = threading.Event(), threading.Event()

    def _done(self, _tx: None, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self._begun.set()
        assert self._goes_on.wait(30)
        if self._busy and len(items) > 1:
            raise StoreBusy("another writes")
        if -1 in items:
            raise ValueError("not that one")
        return [2 * it for it in items]

    def run(self, items: Sequence[int]) -> list[Any]:
        """What each item meets: the first is under way when the others come."""
        with ThreadPoolExecutor(len(items)) as threads:
            found = [threads.submit(self._together.do, self._done, items[0], abs(items[0]))]
            assert self._begun.wait(30)
            for number, it in enumerate(items[1:], start=1):
                found.append(threads.submit(self._together.do, self._done, it, abs(it)))
                while len(self._together._waiting) < number:  # no door tells it
                    threading.Event().wait(0.01)
            self._goes_on.set()
            return [it.exception() or it.result() for it in found]


def test_who_comes_meanwhile_is_served_in_one_go():
    work = Work()
    assert work.run([0, 1, 2, 3, 4, 5]) == [0, 2, 4, 6, 8, 10]
    assert list(map(len, work.batches)) == [1, 5]


def test_a_batch_has_its_bounds():
    work = Work(most=2)
    assert work.run([0, 1, 2, 3, 4, 5]) == [0, 2, 4, 6, 8, 10]
    assert list(map(len, work.batches)) == [1, 2, 2, 1]


def test_a_batch_weighs_no_more_than_is_good_for_other_writers_but_for_one_item():
    work = Work()
    assert work.run([0, 50, 50, 1, 120, 99]) == [0, 100, 100, 2, 240, 198]
    assert work.batches == [[0], [50, 50], [1], [120], [99]]


def test_an_error_is_met_by_whose_it_is_alone():
    found = Work().run([0, 1, -1, 3])
    assert [found[0], found[1], found[3]] == [0, 2, 6]
    with pytest.raises(ValueError, match="not that one"):
        raise found[2]


def test_a_database_that_is_busy_is_so_for_all_of_them():
    work = Work(busy=True)
    first, *others = work.run([0, 1, 2, 3])
    assert first == 0
    assert {type(it) for it in others} == {StoreBusy}
    assert list(map(len, work.batches)) == [1, 3]
