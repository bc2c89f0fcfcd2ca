"""Which entries a source's rules let in: `[[sources.include]]` and `[[sources.exclude]]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.text import from_html
from service.matching import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from feeds.model import Entry, Feed
    from service.config import Filter, SourceSettings


def kept_out(entry: Entry, feed: Feed, settings: SourceSettings) -> str | None:
    """Why a rule keeps an entry out, in words; None when all let it in. Exclusion wins."""
    if not (settings.include or settings.exclude):
        return None
    fields = _Fields(entry, feed)
    for number, rule in enumerate(settings.exclude, start=1):
        if found := _found(rule, fields):
            name = f"“{rule.name}”" if rule.name else str(number)
            return f"exclude rule {name}: {found}"
    if settings.include and not any(_found(rule, fields) for rule in settings.include):
        return f"no include rule lets it in: {_told(settings.include)} found nothing"
    return None


def _told(rules: Sequence[Filter]) -> str:
    return " and ".join(
        f"“{it.name}”" if it.name else f"rule {number}" for number, it in enumerate(rules, start=1)
    )


def _found(rule: Filter, fields: _Fields) -> str | None:
    """What a rule finds in an entry, in words."""
    for name in rule.fields:
        for seen in fields.of(name):
            if term := rule.matcher.found(seen):
                return f"its {name} has “{term}”"
    return None


class _Fields:
    """An entry's texts by field, each made when it is first looked through."""

    def __init__(self, entry: Entry, feed: Feed) -> None:
        self._entry, self._feed = entry, feed
        self._seen: dict[str, list[Seen]] = {}

    def of(self, name: str) -> list[Seen]:
        if name not in self._seen:
            values = FIELDS[name](self._entry, self._feed)
            self._seen[name] = [Seen(it) for it in values if it]
        return self._seen[name]


def _categories(entry: Entry, _: Feed) -> Iterable[str | None]:
    return [name for it in entry.categories for name in dict.fromkeys((it.term, it.label))]


def _license(entry: Entry, feed: Feed) -> Iterable[str | None]:
    license_ = entry.license or (entry.origin or feed).license
    return [license_.uri, license_.name] if license_ else []


def _origin(entry: Entry, _: Feed) -> Iterable[str | None]:
    return [entry.origin.title, entry.origin.home, entry.origin.feed] if entry.origin else []


# How a rule's field is read from an entry: every value that stands there.
FIELDS: dict[str, Callable[[Entry, Feed], Iterable[str | None]]] = {
    "title": lambda entry, _: [entry.title],
    "summary": lambda entry, _: [entry.summary],
    "content": lambda entry, _: [from_html(entry.content)],
    "author": lambda entry, feed: [it.name for it in entry.authors or feed.authors],
    "category": _categories,
    "link": lambda entry, _: [entry.link, entry.via],
    "id": lambda entry, _: [entry.id],
    "language": lambda entry, feed: [entry.language or feed.language],
    "rights": lambda entry, feed: [entry.rights or (entry.origin or feed).rights],
    "license": _license,
    "origin": _origin,
    "media": lambda entry, _: [name for it in entry.media for name in (it.url, it.type)],
}
