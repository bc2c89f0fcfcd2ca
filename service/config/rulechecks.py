"""What the rules of a source say to each other and to the rest of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.config.raw import Raw, inner_table, listed_tables, listed_texts, no_such
from service.config.sourcing import folded
from service.config.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config.lines import Key

_LOOKED_FOR = ("words", "globs", "patterns")


def rulechecks(raw: Raw) -> Iterator[tuple[Key, str]]:
    """Every rule of a source that cannot do what it is there for."""
    tables = [*listed_tables(raw, "sources"), *listed_tables(raw, "lists")]
    for key, source in tables:
        yield from _hollow_filters(key, source)
        yield from _unknown_taxonomies(key, source, raw)
        for name in ("bylines", "terms"):
            yield from _named_twice((*key, name), inner_table(source, name))


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


def _unknown_taxonomies(key: Key, source: Raw, raw: Raw) -> Iterator[tuple[Key, str]]:
    taxonomies = inner_table(raw, "taxonomies")
    terms = inner_table(source, "terms")
    for term in terms:
        for place, filing in enumerate(listed_texts(terms, term)):
            scheme, slash, _ = filing.partition("/")
            if slash and scheme not in taxonomies:
                yield (*key, "terms", term, place), no_such("taxonomies", scheme, raw)


def _named_twice(key: Key, table: Raw) -> Iterator[tuple[Key, str]]:
    first: dict[str, str] = {}
    for name in table:
        if (known := first.setdefault(folded(name), name)) != name:
            yield (*key, name), f"{quoted(known)} is the same but for its case; keep one of them"
