"""What one key of the file says about another, and about the disk.

These checks read the raw file, so that they speak up beside all the faults the models find.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feeds import rsl
from service.config.durations import duration
from service.config.model import Server
from service.config.raw import Raw, inner_table, listed_tables, listed_texts, named_tables, no_such
from service.config.rulechecks import rulechecks
from service.config.wording import dotted, quoted
from service.selection import AUTHOR, LANGUAGE, LICENSE, NAMED, SOURCE, Misspelt, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.config.lines import Key

_HOUR = timedelta(hours=1)
_BETWEEN_POLLS = ("interval", "refresh")

Fault = tuple["Key", str]


def crosschecks(raw: Raw, folder: Path) -> Iterator[Fault]:
    """Every key at odds with another; relative paths start in `folder`."""
    yield from _unknown_licenses(raw)
    yield from _hollow_permits(raw)
    yield from _unknown_taxonomies(raw)
    yield from _misspelt_selections(raw)
    yield from _repeated_slugs(raw)
    yield from _former_slugs_in_use(raw)
    yield from _hasty_polls(raw)
    yield from rulechecks(raw)
    yield from _shared_port(raw)
    yield from _missing_folder(raw, folder)


def _unknown_licenses(raw: Raw) -> Iterator[Fault]:
    for key, table in [(("site",), inner_table(raw, "site")), *_sources(raw), *_terms(raw)]:
        name = table.get("license")
        if isinstance(name, str) and name not in inner_table(raw, "licenses"):
            yield (*key, "license"), no_such("licenses", name, raw)

    for key, partner in listed_tables(raw, "partners"):
        for place, name in enumerate(listed_texts(partner, "licenses")):
            if name not in inner_table(raw, "licenses"):
                yield (*key, "licenses", place), no_such("licenses", name, raw)


def _hollow_permits(raw: Raw) -> Iterator[Fault]:
    """What is permitted and prohibited at once: a machine takes it for prohibited, a person may not."""
    for name, license_ in named_tables(raw, "licenses"):
        prohibited = _usages(license_, "prohibits")
        for place, usage in enumerate(_usages(license_, "permits")):
            if rsl.is_covered(usage, prohibited):
                yield (
                    ("licenses", name, "permits", place),
                    f"{quoted(usage)} is prohibited as well, and a prohibition wins: take one of them out",
                )


def _usages(license_: Raw, key: str) -> list[str]:
    return [it for it in listed_texts(license_, key) if it in rsl.USAGES]


def _unknown_taxonomies(raw: Raw) -> Iterator[Fault]:
    for key, source in _sources(raw):
        for name in inner_table(source, "categories"):
            if name not in inner_table(raw, "taxonomies"):
                yield (*key, "categories", name), no_such("taxonomies", name, raw)


def _misspelt_selections(raw: Raw) -> Iterator[Fault]:
    paths: list[tuple[Key, object]] = [
        (("selections", name, "path"), it.get("path"))
        for name, it in named_tables(raw, "selections")
    ]
    for key, partner in listed_tables(raw, "partners"):
        kind, _, name = str(partner.get("selection", "")).partition("/")
        if kind != NAMED:
            paths.append(((*key, "selection"), partner.get("selection")))
        elif name not in inner_table(raw, "selections"):
            yield (*key, "selection"), no_such("selections", name, raw)
    for key, path in paths:
        if isinstance(path, str) and path.strip():
            try:
                parse(path, (*inner_table(raw, "taxonomies"), AUTHOR, SOURCE, LANGUAGE, LICENSE))
            except Misspelt as fault:
                yield key, f"{quoted(path)}: {fault}"


def _repeated_slugs(raw: Raw) -> Iterator[Fault]:
    for name in ("sources", "lists", "partners"):
        first: dict[str, Key] = {}
        for key, table in listed_tables(raw, name):
            slug = table.get("slug")
            if isinstance(slug, str) and first.setdefault(slug, key) != key:
                taken = f"{quoted(slug)} is the slug of {dotted(first[slug])} already"
                yield (*key, "slug"), f"{taken}; each {name.removesuffix('s')} has its own"


def _former_slugs_in_use(raw: Raw) -> Iterator[Fault]:
    for taxonomy, table in named_tables(raw, "taxonomies"):
        taken = dict.fromkeys(inner_table(table, "terms"), "a category of its own")
        for slug, term in named_tables(table, "terms"):
            for place, former in enumerate(listed_texts(term, "formerly")):
                if former in taken:
                    key = ("taxonomies", taxonomy, "terms", slug, "formerly", place)
                    yield key, f"{quoted(former)} is {taken[former]}"
                taken[former] = f"what {dotted(('taxonomies', taxonomy, 'terms', slug))} was called"


def _hasty_polls(raw: Raw) -> Iterator[Fault]:
    """POL-05: more often than hourly only with the partner's consent."""
    said = (
        (key, name, source)
        for key, source in _sources(raw)
        for name in _BETWEEN_POLLS
        if name in source
    )
    for key, name, source in said:
        written = source[name]
        if source.get("interval_agreed") is not True and _is_hasty(written):
            yield (
                (*key, name),
                f'{quoted(written)} is more often than hourly: write "1h" or longer, '
                "or add interval_agreed = true if the partner agreed",
            )


def _is_hasty(written: object) -> bool:
    try:
        return timedelta() < duration(written) < _HOUR
    except ValueError:
        return False  # reported as no duration at all


def _shared_port(raw: Raw) -> Iterator[Fault]:
    server = inner_table(raw, "server")
    port = server.get("metrics_port")
    if port is not None and port == server.get("port", Server().port):
        yield ("server", "metrics_port"), f"{port} is the port of the pages; choose another"


def _missing_folder(raw: Raw, folder: Path) -> Iterator[Fault]:
    name = inner_table(raw, "content").get("first_articles")
    if isinstance(name, str) and not _is_folder(folder / name):
        place = f"{quoted(name)} (paths start from this file's folder)"
        hint = "make it, or take the key out"
        yield ("content", "first_articles"), f"there is no folder {place}; {hint}"


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # too long a name, no right to look
        return False


def _sources(raw: Raw) -> Iterator[tuple[Key, Raw]]:
    """What has the keys of a source."""
    yield from listed_tables(raw, "sources")
    yield from listed_tables(raw, "lists")


def _terms(raw: Raw) -> Iterator[tuple[Key, Raw]]:
    for taxonomy, table in named_tables(raw, "taxonomies"):
        for slug, term in named_tables(table, "terms"):
            yield ("taxonomies", taxonomy, "terms", slug), term
