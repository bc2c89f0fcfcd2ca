"""Which known entry a key means: itself, or another spelling of it. The surest meanings come first."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.identity import Key, KeyKind, alias, entry_page, site
from feeds.likeness import Told, is_moved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Set
    from typing import TypeAlias

    from feeds.model import Entry

    Groups: TypeAlias = dict[str | None, list["Known"]]
    Means: TypeAlias = Callable[[Key, Entry, Set[str]], "Known | None"]


class Known(Struct, frozen=True):
    """What was kept of an entry that came before."""

    key: str  # Key.value
    alias: str  # identity.alias() of it
    content_digest: str
    kind: KeyKind = KeyKind.ID
    page: str | None = None  # identity.entry_page()
    told: Told | None = None  # for one that is looked for by anything but its key


def told(entry: Entry) -> Told:
    """What an entry says of itself."""
    text = entry.content or entry.summary or ""
    return Told(entry.title or "", text, entry.published or entry.updated)


def matches(
    wanted: Mapping[str, tuple[Key, Entry]], known: Collection[Known], renamed: Mapping[str, str]
) -> dict[str, Known]:
    """The known entry that each key means, by the key's value; none of them is meant twice.

    `renamed` tells the former keys of some.
    """
    if not known:
        return {}
    by_key = {it.key: it for it in sorted(known, key=lambda it: it.key)}
    found = {value: by_key[value] for value in wanted if value in by_key}
    for value, old in renamed.items():
        if value in wanted and value not in found and old in by_key and old not in wanted:
            found[value] = by_key[old]
    entries = [entry for _, entry in wanted.values()]
    for means in (_respelled, _moved, _paged):
        if len(found) < len(wanted):
            met = {it.key for it in found.values()}
            free = [it for it in by_key.values() if it.key not in met]
            found |= _met(
                {v: it for v, it in wanted.items() if v not in found}, means(free, entries)
            )
    return found


def _met(open_: Mapping[str, tuple[Key, Entry]], means: Means) -> dict[str, Known]:
    """What is meant by each key that is left, in the order of their values."""
    found: dict[str, Known] = {}
    taken: set[str] = set()
    for value, (key, entry) in sorted(open_.items(), key=lambda it: it[0]):
        match = means(key, entry, taken)
        if match:
            found[value] = match
            taken.add(match.key)
    return found


def _respelled(free: list[Known], _entries: list[Entry]) -> Means:
    """The entry of the same site: with another scheme, "www." or last slash in its key."""
    groups = _grouped(free, lambda it: it.alias)

    def means(key: Key, _entry: Entry, taken: Set[str]) -> Known | None:
        others = _others(groups, key, taken)
        return next((it for it in others if site(it.key) == site(key.value)), None)

    return means


def _moved(free: list[Known], _entries: list[Entry]) -> Means:
    """The only entry of another site that says the same: a planet has equal paths of many sites."""
    groups = _grouped(free, lambda it: it.alias)

    def means(key: Key, entry: Entry, taken: Set[str]) -> Known | None:
        others, said = _others(groups, key, taken), told(entry)
        return _only([it for it in others if it.told and is_moved(said, it.told)])

    return means


def _paged(free: list[Known], entries: list[Entry]) -> Means:
    """The only entry of the same page, if it had no id to be known by, or has none any more."""
    groups = _grouped(free, lambda it: it.page)
    wanted = Counter(entry_page(it) for it in entries)

    def means(key: Key, entry: Entry, taken: Set[str]) -> Known | None:
        at = entry_page(entry)
        others = groups.get(at, []) if at and wanted[at] == 1 else []
        return _only([it for it in others if it.kind is not key.kind and it.key not in taken])

    return means


def _others(groups: Groups, key: Key, taken: Set[str]) -> list[Known]:
    """What has another spelling of the key; a hash has none."""
    if key.kind is KeyKind.HASH:
        return []
    return [it for it in groups.get(alias(key.value), []) if it.key not in taken]


def _grouped(known: Iterable[Known], by: Callable[[Known], str | None]) -> Groups:
    groups: Groups = defaultdict(list)
    for it in known:
        groups[by(it)].append(it)
    return groups


def _only(found: list[Known]) -> Known | None:
    return found[0] if len(found) == 1 else None
