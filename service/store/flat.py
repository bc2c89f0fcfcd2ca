"""Values as rows: what dataclasses.asdict() gives, without its deep copies of what never changes."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import DataclassInstance


def flat(it: DataclassInstance) -> dict[str, Any]:
    """The fields by their names; those that hold several such values as lists of the same."""
    names, values = _reader(type(it))
    return {
        name: [flat(each) for each in value] if isinstance(value, tuple) else value
        for name, value in zip(names, values(it), strict=True)
    }


@cache
def _reader(kind: type[DataclassInstance]) -> tuple[tuple[str, ...], Callable[[Any], Any]]:
    names = tuple(kind.__dataclass_fields__)
    return names, attrgetter(*names)
