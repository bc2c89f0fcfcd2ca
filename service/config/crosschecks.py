"""What one key of the file says about another, and about the disk.

These checks read the raw file, so that they speak up beside all the faults the models find.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.config.durations import duration
from service.config.wording import did_you_mean, dotted, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.config.lines import Key

_HOUR = timedelta(hours=1)

Raw = dict[str, Any]
Fault = tuple["Key", str]


def crosschecks(raw: Raw, folder: Path) -> Iterator[Fault]:
    """Every key at odds with another; relative paths start in `folder`."""
    yield from _unknown_licenses(raw)
    yield from _unknown_taxonomies(raw)
    yield from _repeated_slugs(raw)
    yield from _hasty_polls(raw)
    yield from _missing_folder(raw, folder)


def _unknown_licenses(raw: Raw) -> Iterator[Fault]:
    for key, table in [(("site",), _table(raw, "site")), *_sources(raw)]:
        name = table.get("license")
        if isinstance(name, str) and name not in _table(raw, "licenses"):
            yield (*key, "license"), _no_such("licenses", name, raw)


def _unknown_taxonomies(raw: Raw) -> Iterator[Fault]:
    for key, source in _sources(raw):
        for name in _table(source, "categories"):
            if name not in _table(raw, "taxonomies"):
                yield (*key, "categories", name), _no_such("taxonomies", name, raw)


def _repeated_slugs(raw: Raw) -> Iterator[Fault]:
    first: dict[str, Key] = {}
    for key, source in _sources(raw):
        slug = source.get("slug")
        if isinstance(slug, str) and first.setdefault(slug, key) != key:
            taken = f"{quoted(slug)} is the slug of {dotted(first[slug])} already"
            yield (*key, "slug"), f"{taken}; each source has its own"


def _hasty_polls(raw: Raw) -> Iterator[Fault]:
    """POL-05: more often than hourly only with the partner's consent."""
    for key, source in _sources(raw):
        written = source.get("interval", "1h")
        if source.get("interval_agreed") is not True and _is_hasty(written):
            yield (
                (*key, "interval"),
                f'{quoted(written)} is more often than hourly: write "1h" or longer, '
                "or add interval_agreed = true if the partner agreed",
            )


def _is_hasty(written: object) -> bool:
    try:
        return timedelta() < duration(written) < _HOUR
    except ValueError:
        return False  # reported as no duration at all


def _missing_folder(raw: Raw, folder: Path) -> Iterator[Fault]:
    name = _table(raw, "content").get("first_articles")
    if isinstance(name, str) and not _is_folder(folder / name):
        place = f"{quoted(name)} (paths start from this file's folder)"
        hint = "make it, or take the key out"
        yield ("content", "first_articles"), f"there is no folder {place}; {hint}"


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # too long a name, no right to look
        return False


def _no_such(kind: str, name: str, raw: Raw) -> str:
    known = list(_table(raw, kind))
    hint = did_you_mean(name, known) or f"; declared: {listed(known) or 'none'}"
    return f"there is no [{dotted((kind, name))}]{hint}"


def _sources(raw: Raw) -> Iterator[tuple[Key, Raw]]:
    sources = raw.get("sources")
    for index, source in enumerate(sources if isinstance(sources, list) else ()):
        if isinstance(source, dict):
            yield ("sources", index), source


def _table(raw: Raw, name: str) -> Raw:
    value = raw.get(name)
    return value if isinstance(value, dict) else {}
