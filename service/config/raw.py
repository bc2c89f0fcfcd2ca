"""The file as tomllib gives it, before anything is known to be right: only what is of the kind asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.config.wording import did_you_mean, dotted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config.lines import Key

Raw = dict[str, Any]


def inner_table(raw: Raw, name: str) -> Raw:
    """The table of that name; an empty one if there is none."""
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def named_tables(raw: Raw, name: str) -> Iterator[tuple[str, Raw]]:
    """The tables by name in a table, if they are tables."""
    for key, value in inner_table(raw, name).items():
        if isinstance(value, dict):
            yield key, value


def listed_tables(raw: Raw, name: str) -> Iterator[tuple[Key, Raw]]:
    """The tables of a list, if they are tables."""
    found = raw.get(name)
    for index, table in enumerate(found if isinstance(found, list) else ()):
        if isinstance(table, dict):
            yield (name, index), table


def listed_texts(raw: Raw, name: str) -> list[str]:
    """The texts in a list."""
    found = raw.get(name)
    return [it for it in found if isinstance(it, str)] if isinstance(found, list) else []


def no_such(kind: str, name: str, raw: Raw) -> str:
    """What is said of a name that no table has."""
    known = list(inner_table(raw, kind))
    hint = did_you_mean(name, known) or f"; declared: {listed(known) or 'none'}"
    return f"there is no [{dotted((kind, name))}]{hint}"
