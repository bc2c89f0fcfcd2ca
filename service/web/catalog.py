"""Every feed there is, on shelves: one for each taxonomy, and for authors, partners and licenses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.addresses import AUTHOR, SOURCE, by
from service.errors import NotFound
from service.selection import LICENSE, REPUBLISHABLE
from service.store import articles, categories, people, sources
from service.subjects import subject
from service.web.current import texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.config import Config, Taxonomy
    from service.model import Selection
    from service.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One feed, with how much is in it."""

    label: str
    selection: Selection
    articles: int
    newest: datetime | None = None
    description: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The feeds of one kind; `field` is the first word of their addresses."""

    field: str
    title: str
    items: tuple[Item, ...]
    description: str | None = None


def shelf(config: Config, tx: Transaction, field: str) -> Shelf:
    """The shelf of that field.

    Raises:
        NotFound: No taxonomy has that name, and it means neither authors, partners nor licenses.
    """
    if field == AUTHOR:
        return Shelf(field=field, title=texts().say("Authors"), items=_authors(tx))
    if field == SOURCE:
        return Shelf(field=field, title=texts().say("Partners"), items=_sources(tx))
    if field == LICENSE:
        return Shelf(field=field, title=texts().say("Licenses"), items=_licenses(config, tx))
    if field in config.taxonomies:
        return _taxonomy(tx, field, config.taxonomies[field])
    raise NotFound(f"nothing is filed under {field!r}")


def shelves(config: Config, tx: Transaction) -> list[Shelf]:
    """Every shelf with something on it: taxonomies as config.toml has them, then the others."""
    found = [shelf(config, tx, field) for field in (*config.taxonomies, AUTHOR, SOURCE, LICENSE)]
    return [it for it in found if it.items]


def commonest(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most so many of these, in their order: of more, those with the most articles."""
    if len(items) <= most:
        return items
    largest = set(sorted(range(len(items)), key=lambda place: -items[place].articles)[:most])
    return [it for place, it in enumerate(items) if place in largest]


def _taxonomy(tx: Transaction, field: str, taxonomy: Taxonomy) -> Shelf:
    items = tuple(
        Item(
            label=counted.item.label,
            selection=by(field, counted.item.slug),
            articles=counted.articles,
            newest=counted.newest,
            description=counted.item.description,
            closed=counted.item.closed,
        )
        for counted in categories.listed(tx, field)
    )
    return Shelf(field=field, title=taxonomy.plural, items=items, description=taxonomy.description)


def _authors(tx: Transaction) -> tuple[Item, ...]:
    return tuple(
        Item(
            label=counted.item.name,
            selection=by(AUTHOR, str(counted.item.slug)),
            articles=counted.articles,
            newest=counted.newest,
        )
        for counted in people.listed(tx)
    )


def _sources(tx: Transaction) -> tuple[Item, ...]:
    """Partners that have brought something; the others have nothing to show yet."""
    counted = [
        (source, articles.count(tx, by(SOURCE, source.slug))) for source in sources.listed(tx)
    ]
    return tuple(
        Item(label=source.name, selection=by(SOURCE, source.slug), articles=number)
        for source, number in counted
        if number
    )


def _licenses(config: Config, tx: Transaction) -> tuple[Item, ...]:
    """What others may republish, then each license that something is under."""
    selections = [by(LICENSE, name) for name in (REPUBLISHABLE, *config.licenses)]
    counted = [(it, articles.count(tx, it)) for it in selections]
    return tuple(
        Item(label=str(about.name), selection=it, articles=number, description=about.description)
        for it, number in counted
        if number
        for about in [subject(config, tx, it)]
    )
