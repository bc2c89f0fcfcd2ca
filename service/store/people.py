"""Authors: found again by (source, uri or else name), listed, and resolved through their aliases."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import bindparam, func, insert, select, update

from feeds.identity import indexable
from feeds.text import slugify
from service.config.values import RESERVED
from service.errors import Refused
from service.model import EVERYTHING, Author, AuthorKind, Withdrawal
from service.selection import AUTHOR
from service.store import changelog, formers
from service.store.schema import authors, bylines, shelves
from service.store.tallying import cut, is_its, tallied
from service.store.types import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row, Select

    from service.store.database import Transaction
    from service.store.tallying import Portion

Item = TypeVar("Item")


class Counted(Struct, Generic[Item], frozen=True):
    """An author or category with how much is published of it."""

    item: Item
    articles: int
    newest: datetime | None

    @classmethod
    def of(cls, item: Item, row: Row[Any]) -> Self:
        """What a row of tallied() tells."""
        return cls(item, row.articles, None if row.first is None else moment(-row.first))


def ensure(tx: Transaction, author: Author, now: datetime) -> int:
    """Find the author, or add it with a slug of its own; learn what is new about it. Gives the row id.

    The same name with another uri is another author; one that is met without a uri is taken for the only
    one of that name.
    """
    row = _known(tx, author)
    if row is None:
        return _add(tx, author)
    if learned := news_of(author, row):
        tx.execute(update(authors).where(authors.c.id == row.id).values(learned))
        changelog.append(tx, [EVERYTHING], now)
    return int(row.id)


def news_of(author: Author, row: Row[Any]) -> dict[str, str]:
    """What is told of an author that their row does not know, by column."""
    facts = _facts(author).items()
    return {name: value for name, value in facts if value and value != getattr(row, name)}


def _known(tx: Transaction, author: Author) -> Row[Any] | None:
    query = select(authors).where(
        authors.c.source == (author.source or ""), authors.c.folded == _folded(author)
    )
    return meant({row.uri: row for row in tx.execute(query.order_by(authors.c.id))}, author)


def meant(namesakes: Mapping[str | None, Row[Any]], author: Author) -> Row[Any] | None:
    """Which of those who share source and name the author is, if any; by uri, the first that came first."""
    if author.uri in namesakes:
        return namesakes[author.uri]
    if author.uri is None:
        return next(iter(namesakes.values())) if len(namesakes) == 1 else None
    return namesakes.get(None)


def _facts(author: Author) -> dict[str, str | None]:
    is_organization = author.kind is AuthorKind.ORGANIZATION  # "person" is said of everybody
    return {
        "kind": author.kind.value if is_organization else None,
        "uri": author.uri,
        "key": indexable(f"{_folded(author)}\n{author.uri}") if author.uri else None,
        "bio": author.bio,
        "avatar": author.avatar,
    }


def named(author: Author) -> tuple[str, str]:
    """Source and name, by which authors are looked for."""
    return author.source or "", _folded(author)


def _folded(author: Author) -> str:
    return indexable(" ".join(author.name.casefold().split()))


def _add(tx: Transaction, author: Author) -> int:
    values = row_of(author, _free_slug(tx, author))
    return int(tx.execute(insert(authors).values(values).returning(authors.c.id)).scalar_one())


def row_of(author: Author, slug: str) -> dict[str, str | None]:
    """A new author's row."""
    facts, (source, folded) = _facts(author), named(author)
    return facts | {
        "slug": slug,
        "name": author.name,
        "kind": author.kind.value,
        "source": source,
        "folded": folded,
        "key": facts["key"] or indexable(f"{folded}\n"),
    }


def slugs(author: Author) -> list[str]:
    """What a new author is given the first free of: the wanted slug, or one with the source behind it."""
    wanted = author.slug or slugify(author.name, "author")
    return [wanted, *([f"{wanted}-{author.source}"] if author.source else [])]


def _free_slug(tx: Transaction, author: Author) -> str:
    """The first that is free, else one with a number."""
    candidates = slugs(author)
    for slug in chain(candidates, (f"{candidates[-1]}-{number}" for number in count(2))):
        if slug not in RESERVED and _is_free(tx, slug):
            return slug
    raise AssertionError("there is no last number")


def _is_free(tx: Transaction, slug: str) -> bool:
    taken = select(authors.c.id).where(authors.c.slug == slug)
    return tx.execute(taken).first() is None and formers.owner(tx, AUTHOR, slug) is None


def rename(tx: Transaction, slug: str, name: str, now: datetime) -> Author | None:
    """Give the author of that slug another name; what comes under the old one or the new is still theirs.

    Gives None when there is no such author.

    Raises:
        Refused: The same source has an author of that name.
    """
    author = at(tx, slug)
    if author is None or author.name == name:
        return author
    renamed = replace(author, name=name)
    if _folded(renamed) != _folded(author):
        _keep_name(tx, renamed)
    tx.execute(update(authors).where(authors.c.id == author.id).values(name=name))
    changelog.append(tx, [EVERYTHING], now)
    return renamed


def signed(tx: Transaction, row_id: int) -> list[int]:
    """The row ids of the articles with that author, and no alias of it, in the byline."""
    query = select(bylines.c.article_id).where(
        bylines.c.author_id == row_id, bylines.c.role == "author"
    )
    return list(tx.execute(query.order_by(bylines.c.article_id)).scalars())


def _keep_name(tx: Transaction, renamed: Author) -> None:
    """Let the new name find the author, too: it becomes an alias."""
    alias = replace(renamed, uri=None, slug="")
    known = _known(tx, alias)
    if known is None:
        row_id = _add(tx, alias)
        is_its = {"alias_of": renamed.id, "merged_into": renamed.id}
        tx.execute(update(authors).where(authors.c.id == row_id).values(is_its))
    elif renamed.id not in (known.id, known.alias_of):
        raise Refused(f"{renamed.name!r} is the name of another author, {known.slug!r}")


def _canonical(*, named: bool) -> Select[Any]:
    """The author that the one of a slug, or else of a row id, stands for."""
    asked, canonical = authors.alias("asked"), authors.alias("canonical")
    column, name = (asked.c.slug, "slug") if named else (asked.c.id, "row")
    return (
        select(canonical)
        .select_from(asked)
        .join(canonical, canonical.c.id == func.coalesce(asked.c.alias_of, asked.c.id))
        .where(column == bindparam(name))
    )


_NAMED, _NUMBERED = _canonical(named=True), _canonical(named=False)


def at(tx: Transaction, slug: str) -> Author | None:
    """The author of that slug, or who once had it; an alias gives the author it stands for."""
    row = tx.execute(_NAMED, {"slug": slug}).one_or_none()
    if row is None:
        row = tx.execute(_NUMBERED, {"row": formers.owner(tx, AUTHOR, slug)}).one_or_none()
    return author_of(row) if row else None


_KIND = "author:"
_IS_SHOWN = (shelves.c.articles > 0) & authors.c.withdrawn.is_(None)
_SHOWN = select(authors.c.id).join(shelves, is_its(authors, _KIND)).where(_IS_SHOWN)
_BY_NAME = (authors.c.name, authors.c.id)


def number(tx: Transaction) -> int:
    """How many authors have something published."""
    return int(tx.execute(select(func.count()).select_from(_SHOWN.subquery())).scalar_one())


def listed(tx: Transaction, portion: Portion | None = None) -> list[Counted[Author]]:
    """Every author with something published, by name; or a portion of them."""
    every = tallied(authors, _KIND).where(_IS_SHOWN)
    rows = tx.execute(cut(every, _SHOWN, _BY_NAME, portion))
    return [Counted.of(author_of(row), row) for row in rows]


def last_id(tx: Transaction) -> int:
    """The row id of the author that came last; 0 when there is none."""
    return int(tx.execute(select(func.max(authors.c.id))).scalar() or 0)


def between(tx: Transaction, above: int, upto: int) -> list[tuple[str, datetime | None]]:
    """Slug and time of the newest article of authors with something published, in a range of row ids."""
    query = tallied(authors, _KIND).where(_IS_SHOWN, authors.c.id > above, authors.c.id <= upto)
    return [
        (row.slug, None if row.first is None else moment(-row.first))
        for row in tx.execute(query.order_by(authors.c.id))
    ]


def author_of(row: Row[Any]) -> Author:
    """A row of the authors table as a value."""
    return Author(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=AuthorKind(row.kind),
        uri=row.uri,
        source=row.source or None,
        bio=row.bio,
        avatar=row.avatar,
        withdrawal=withdrawal_of(row),
    )


def withdrawal_of(row: Row[Any]) -> Withdrawal | None:
    """What the row of an author or category says of it."""
    if row.withdrawn is None:
        return None
    return Withdrawal(row.withdrawn, row.withdrawal_reason or "")
