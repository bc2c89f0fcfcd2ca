"""The numbers that lead through a long list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotFound
from service.web.paging import Pager, pager


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 2, [1, 2]),
        (1, 3, [1, 2, 3]),
        (1, 9, [1, 2, None, 9]),
        (3, 9, [1, 2, 3, 4, None, 9]),
        (4, 9, [1, 2, 3, 4, 5, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (9, 9, [1, None, 8, 9]),
    ],
)
def test_numbers_around_the_page_at_hand(number: int, last: int, shown: list[int | None]) -> None:
    assert Pager(number, size=10, total=10 * last).numbers == shown


@given(st.integers(1, 50), st.integers(0, 3000), st.data())
def test_pages_cover_the_list_once(size: int, total: int, data: st.DataObject) -> None:
    last = Pager(1, size, total).last
    assert (last - 1) * size < max(total, 1) <= last * size
    number = data.draw(st.integers(1, last))
    at = pager(str(number), size=size, total=total)
    assert at.offset == (number - 1) * size
    assert at.number in at.numbers


@pytest.mark.parametrize(
    "asked", ["0", "-1", "4", "01", "1.0", "", " 1", "x", "1e1", "٣", "9" * 30, "1_0"]
)
def test_there_is_no_such_page(asked: str) -> None:
    with pytest.raises(NotFound):
        pager(asked, size=10, total=30)


def test_the_first_page_is_there_even_when_nothing_is_on_it() -> None:
    assert pager(None, size=10, total=0) == Pager(1, 10, 0)
    with pytest.raises(NotFound):
        pager("2", size=10, total=0)
