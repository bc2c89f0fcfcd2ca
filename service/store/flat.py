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
    names, values_of, several = _reader(type(it))
    found = dict(zip(names, values_of(it), strict=True))
    for name in several:
        found[name] = [flat(each) for each in found[name]]
    return found


@cache
def _reader(
    kind: type[DataclassInstance],
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], tuple[str, ...]]:
    """The names of its fields, what gives their values, and the names of those that hold several."""
    fields = kind.__dataclass_fields__
    several = tuple(name for name, it in fields.items() if str(it.type).startswith("tuple"))
    return tuple(fields), attrgetter(*fields), several
