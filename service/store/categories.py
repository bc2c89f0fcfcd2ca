"""Categories: declared by config.toml or met in an article, found again by scheme and slug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from sqlalchemy import bindparam, insert, select, update

from service.config.values import RESERVED
from service.model import EVERYTHING, Category
from service.store import changelog, formers
from service.store.people import Counted, withdrawal_of
from service.store.schema import categories
from service.store.tallying import tallied

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction


_NAMED = select(categories).where(
    categories.c.scheme == bindparam("scheme"), categories.c.slug == bindparam("slug")
)

_NUMBERED = select(categories).where(categories.c.id == bindparam("row"))


def ensure(tx: Transaction, category: Category) -> int:
    """Find the category by scheme and slug, the one it had before too, or add it. Gives the row id.

    A slug that means something else in the addresses of feeds gets the scheme's name behind it.
    """
    if category.slug in RESERVED:
        category = replace(category, slug=f"{category.slug}-{category.scheme}")
    row = _row(tx, category.scheme, category.slug)
    return int(row.id) if row else _add(tx, category)


def declare(
    tx: Transaction,
    declared: Iterable[Category],
    now: datetime,
    formerly: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> None:
    """Make these categories exist just as declared; what changes is told to every cache.

    `formerly` has the slugs that some of them had before, by scheme and slug: what is known by one of those
    moves, and all of them lead there.
    """
    known = {(it.scheme, it.slug): it for it in map(category_of, tx.execute(select(categories)))}
    wanted = {(it.scheme, it.slug): it for it in declared}
    moved = _move(tx, known, wanted.keys(), formerly or {})
    fresh = [_values(it) for key, it in wanted.items() if key not in known]
    kept = [
        replace(it, id=known[key].id, withdrawal=known[key].withdrawal)
        for key, it in wanted.items()
        if key in known
    ]
    changed = [it for it in kept if it != known[it.scheme, it.slug]]
    for scheme in dict.fromkeys(str(it["scheme"]) for it in fresh):
        formers.forget(tx, scheme, [str(it["slug"]) for it in fresh if it["scheme"] == scheme])
    if fresh:
        tx.execute(insert(categories), fresh)
    redirected = _redirect(tx, formerly or {})
    if changed:
        _change(tx, changed)
    if changed or moved or redirected:
        changelog.append(tx, [EVERYTHING], now)


def _move(
    tx: Transaction,
    known: dict[tuple[str, str], Category],
    wanted: Collection[tuple[str, str]],
    formerly: Mapping[tuple[str, str], Sequence[str]],
) -> bool:
    """Give categories of former slugs the new ones, and `known` as well. Gives whether there were any."""
    moves = [
        (old, (scheme, slug))
        for (scheme, slug), slugs in formerly.items()
        for old in [(scheme, it) for it in slugs]
        if (scheme, slug) not in known and old in known and old not in wanted
    ]
    for old, new in moves:
        if new in known:  # by another of its former slugs
            continue
        category = known.pop(old)
        known[new] = replace(category, slug=new[1])
        tx.execute(update(categories).where(categories.c.id == category.id).values(slug=new[1]))
        formers.forget(tx, new[0], [new[1]])
    return bool(moves)


def _redirect(tx: Transaction, formerly: Mapping[tuple[str, str], Sequence[str]]) -> bool:
    """Let former slugs that nothing else has lead where they are said to. Gives whether any did not yet."""
    redirected = False
    for (scheme, slug), slugs in formerly.items():
        row_id = ensure(tx, Category(scheme=scheme, slug=slug, label=slug))
        wanted = [
            it
            for it in slugs
            if formers.owner(tx, scheme, it) != row_id
            and tx.execute(_NAMED, {"scheme": scheme, "slug": it}).first() is None
        ]
        formers.keep(tx, scheme, wanted, row_id)
        redirected = redirected or bool(wanted)
    return redirected


def _change(tx: Transaction, changed: Iterable[Category]) -> None:
    statement = update(categories).where(categories.c.id == bindparam("row"))
    rows = [
        {"row": it.id, "label": it.label, "description": it.description, "closed": it.closed}
        for it in changed
    ]
    tx.execute(statement, rows)


def relabel(tx: Transaction, category: Category, label: str, now: datetime) -> Category:
    """Give a category another label."""
    if category.label == label:
        return category
    labelled = replace(category, label=label)
    tx.execute(update(categories).where(categories.c.id == category.id).values(label=label))
    changelog.append(tx, [EVERYTHING], now)
    return labelled


def _row(tx: Transaction, scheme: str, slug: str) -> Row[Any] | None:
    row = tx.execute(_NAMED, {"scheme": scheme, "slug": slug}).one_or_none()
    if row is None:
        row = tx.execute(_NUMBERED, {"row": formers.owner(tx, scheme, slug)}).one_or_none()
    return row


def _add(tx: Transaction, category: Category) -> int:
    statement = insert(categories).values(_values(category)).returning(categories.c.id)
    return int(tx.execute(statement).scalar_one())


def _values(category: Category) -> dict[str, object]:
    return {
        "scheme": category.scheme,
        "slug": category.slug,
        "label": category.label,
        "description": category.description,
        "closed": category.closed,
    }


def at(tx: Transaction, scheme: str, slug: str) -> Category | None:
    """The category of that scheme and slug, or which once had it."""
    row = _row(tx, scheme, slug)
    return category_of(row) if row else None


def listed(tx: Transaction, scheme: str) -> list[Counted[Category]]:
    """Every category of a scheme, by label, with how much is published in it."""
    query = tallied(categories, "category:").where(
        categories.c.scheme == scheme, categories.c.withdrawn.is_(None)
    )
    rows = tx.execute(query.order_by(categories.c.label, categories.c.id))
    return [Counted.of(category_of(row), row) for row in rows]


def category_of(row: Row[Any]) -> Category:
    """A row of the categories table as a value."""
    return Category(
        id=row.id,
        scheme=row.scheme,
        slug=row.slug,
        label=row.label,
        description=row.description,
        closed=bool(row.closed),
        withdrawal=withdrawal_of(row),
    )
