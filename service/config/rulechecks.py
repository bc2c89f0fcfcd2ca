"""What the rules of a source say to each other and to the rest of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.config.raw import Raw, listed_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config.lines import Key

_LOOKED_FOR = ("words", "globs", "patterns")


def rulechecks(raw: Raw) -> Iterator[tuple[Key, str]]:
    """Every rule of a source that cannot do what it is there for."""
    for key, source in listed_tables(raw, "sources"):
        yield from _hollow_filters(key, source)


def _hollow_filters(key: Key, source: Raw) -> Iterator[tuple[Key, str]]:
    for kind in ("include", "exclude"):
        for place, rule in listed_tables(source, kind):
            if not any(rule.get(it) for it in _LOOKED_FOR):
                yield (
                    (*key, *place),
                    'looks for nothing; add words = ["..."], globs = [...] or patterns = [...]',
                )
            if rule.get("fields") == []:
                yield (*key, *place, "fields"), "looks nowhere; name a field, or take the key out"
