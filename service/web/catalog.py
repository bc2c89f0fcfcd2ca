"""Every feed there is, on shelves: one for each taxonomy, and for selections, authors, partners, licenses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service.addresses import AUTHOR, SOURCE, by
from service.errors import NotFound
from service.selection import LICENSE, NAMED, REPUBLISHABLE
from service.store import articles, bringing, categories, people
from service.store.tallying import Portion
from service.subjects import parse, subject
from service.web.current import texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.config import Config
    from service.model import Selection
    from service.store import Transaction


# Of what there may be thousands of, a portion is asked for, and the number by itself.
_NUMBERED = {AUTHOR: people.number, SOURCE: bringing.number}


class Item(Struct, frozen=True, kw_only=True):
    """One feed, with how much is in it."""

    label: str
    selection: Selection
    articles: int
    newest: datetime | None = None
    description: str | None = None
    closed: bool = False


class Shelf(Struct, frozen=True, kw_only=True):
    """The feeds of one kind, all or a portion; `field` is the first word of their addresses."""

    field: str
    title: str
    items: tuple[Item, ...]
    total: int
    description: str | None = None


def shelf(config: Config, tx: Transaction, field: str, portion: Portion | None = None) -> Shelf:
    """The shelf of that field, or a portion of it.

    Raises:
        NotFound: No taxonomy has that name, and it means none of the other kinds.
    """
    taxonomy = config.taxonomies.get(field)
    if field == AUTHOR:
        items, title = _authors(tx, portion), texts().say("Authors")
    elif field == SOURCE:
        items, title = _sources(tx, portion), texts().say("Partners")
    elif field == LICENSE:
        items, title = _licenses(config, tx), texts().say("Licenses")
    elif field == NAMED:
        items, title = _named(config, tx), texts().say("Selections")
    elif taxonomy is not None:
        items, title = _categories(tx, field), taxonomy.plural
    else:
        raise NotFound(f"nothing is filed under {field!r}")
    numbered = _NUMBERED.get(field)  # the others are few enough to have all of them here
    return Shelf(
        field=field,
        title=title,
        items=items if numbered else _cut(items, portion),
        total=numbered(tx) if numbered else len(items),
        description=taxonomy.description if taxonomy else None,
    )


def total(config: Config, tx: Transaction, field: str) -> int:
    """How many feeds there are on that shelf.

    Raises:
        NotFound: No taxonomy has that name, and it means none of the other kinds.
    """
    return shelf(config, tx, field, Portion(0)).total


def _cut(items: tuple[Item, ...], portion: Portion | None) -> tuple[Item, ...]:
    if portion is None:
        return items
    if portion.is_commonest:
        return tuple(commonest(items, portion.limit))
    return items[portion.offset : portion.offset + portion.limit]


def shelves(
    config: Config, tx: Transaction, most: int | None = None, *, without: str | None = None
) -> list[Shelf]:
    """Every shelf with something on it: taxonomies as config.toml has them, then the others.

    If they are long, `most` asks for the feeds with the most articles alone; one field can be left out.
    """
    portion = None if most is None else Portion(most, is_commonest=True)
    fields = (*config.taxonomies, NAMED, AUTHOR, SOURCE, LICENSE)
    found = [shelf(config, tx, field, portion) for field in fields if field != without]
    return [it for it in found if it.items]


def commonest(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most so many of these, in their order: of more, those with the most articles."""
    if len(items) <= most:
        return items
    largest = set(sorted(range(len(items)), key=lambda place: -items[place].articles)[:most])
    return [it for place, it in enumerate(items) if place in largest]


def _categories(tx: Transaction, field: str) -> tuple[Item, ...]:
    return tuple(
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


def _authors(tx: Transaction, portion: Portion | None) -> tuple[Item, ...]:
    return tuple(
        Item(
            label=counted.item.name,
            selection=by(AUTHOR, str(counted.item.slug)),
            articles=counted.articles,
            newest=counted.newest,
        )
        for counted in people.listed(tx, portion)
    )


def _sources(tx: Transaction, portion: Portion | None) -> tuple[Item, ...]:
    """Partners that have brought something; the others have nothing to show yet."""
    return tuple(
        Item(
            label=counted.item.name,
            selection=by(SOURCE, counted.item.slug),
            articles=counted.articles,
            newest=counted.newest,
        )
        for counted in bringing.listed(tx, portion)
    )


def _licenses(config: Config, tx: Transaction) -> tuple[Item, ...]:
    """What others may republish, then each license under which something may leave."""
    names = [
        name for name, it in config.licenses.items() if {it.feeds, it.republish} - {"none", None}
    ]
    selections = [by(LICENSE, name) for name in (REPUBLISHABLE, *names)]
    counted = [(it, articles.count(tx, it)) for it in selections]
    return tuple(
        Item(label=str(about.name), selection=it, articles=number, description=about.description)
        for it, number in counted
        if number
        for about in [subject(config, tx, it)]
    )


def _named(config: Config, tx: Transaction) -> tuple[Item, ...]:
    """What config.toml gives a name, also while nothing is in it."""
    return tuple(
        Item(
            label=it.title,
            selection=selection,
            articles=articles.count(tx, selection),
            description=it.description,
        )
        for name, it in config.selections.items()
        for selection in [parse(config, f"{NAMED}/{name}")]
    )
