"""What two configurations say differently, key by key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MISSING: Any = object()


class Difference(Struct, frozen=True):
    """A key with its values as JSON; None where the key is not set, or has its default of nothing."""

    key: str  # "site.title", "sources.lantern.interval"
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.key} = {self.after}"
        if self.after is None:
            return f"- {self.key} = {self.before}"
        return f"~ {self.key} = {self.before} -> {self.after}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every key that differs between two configurations as plain data, in the order of the keys.

    Tables with a slug, such as sources, are told apart by it and not by their place.
    """
    return sorted(_between("", before, after), key=lambda it: it.key)


def _between(key: str, before: Any, after: Any) -> Iterator[Difference]:
    before, after = _by_slug(before, after), _by_slug(after, before)
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            inner = f"{key}.{name}".lstrip(".")
            yield from _between(inner, before.get(name, _MISSING), after.get(name, _MISSING))
    elif before != after:
        yield Difference(key, _shown(before), _shown(after))


def _by_slug(value: Any, other: Any) -> Any:
    """A list of tables with slugs as a table of them; an empty list where the other is such a one."""
    if not isinstance(value, list) or not all(_has_slug(it) for it in value):
        return value
    if not value and not (isinstance(other, list) and any(_has_slug(it) for it in other)):
        return value
    return {it["slug"]: {name: x for name, x in it.items() if name != "slug"} for it in value}


def _has_slug(value: Any) -> bool:
    return isinstance(value, dict) and "slug" in value


def _shown(value: Any) -> str | None:
    return None if value is _MISSING else json.dumps(value, ensure_ascii=False)
