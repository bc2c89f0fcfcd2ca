"""Value: structs that are equal when they say the same, however it was come by."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable


class Value(Struct, frozen=True, eq=False):
    """A struct, some fields of which tell how it was come by: comparisons pass over these."""

    aside: ClassVar[frozenset[str]]  # the names of these fields

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        tell = _teller(type(self))
        return bool(tell(self) == tell(other))

    def __hash__(self) -> int:
        return hash(_teller(type(self))(self))


def said(kind: type[Struct]) -> tuple[str, ...]:
    """The names of the fields that are compared, in their order."""
    aside = kind.aside if issubclass(kind, Value) else frozenset()
    return tuple(name for name in kind.__struct_fields__ if name not in aside)


@cache
def _teller(kind: type[Struct]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*said(kind))
