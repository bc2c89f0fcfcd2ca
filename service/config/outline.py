"""The tables that config.toml can hold, as data: every header with the model behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from msgspec import Struct

from service.config.model import Config
from service.config.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config.lines import Key

NAME = "NAME"  # stands for a name that the operator chooses
ITEM = "[]"  # stands for the number of a table that can be repeated


class Section(Struct, frozen=True):
    """A table of the file."""

    path: tuple[str, ...]
    model: type[Table]
    is_told: bool = True  # not explained with another table already, of which this one has the keys

    @property
    def header(self) -> str:
        """The line that opens it: "[site.contacts]", "[[sources]]"."""
        name = ".".join(part for part in self.path if part != ITEM)
        return f"[[{name}]]" if self.path[-1:] == (ITEM,) else f"[{name}]"

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys without those that it has from another table, where they are explained."""
        return tuple(it for it in self.model.model_fields if it in self.model.__annotations__)

    def holds(self, key: Key) -> bool:
        """Whether that is the key of such a table."""
        return len(key) == len(self.path) and all(
            part in {NAME, ITEM, given} for part, given in zip(self.path, key, strict=True)
        )


def section(key: Key) -> Section | None:
    """The section that a table of that key belongs to."""
    return next((it for it in sections() if it.holds(key)), None)


def sections(
    model: type[Table] = Config, path: tuple[str, ...] = (), *, is_told: bool = True
) -> Iterator[Section]:
    """Every section of the file in the model's order, the whole file first."""
    yield Section(path, model, is_told)
    for name, field in model.model_fields.items():
        inner, step = _inner(field.annotation)
        if isinstance(inner, type) and issubclass(inner, Table):
            is_own = name in model.__annotations__
            yield from sections(inner, (*path, name, *step), is_told=is_told and is_own)


def _inner(annotation: Any) -> tuple[Any, tuple[str, ...]]:
    """What a field holds in the end, and the step from its key to there."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1], (NAME,)
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0], (ITEM,)
    return annotation, ()
