"""Rows to articles: one query a child table, whatever the number of articles."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from feeds.model import Media, MediaRole, Person, Reference
from service.model import Article, Author, Contributor, EditorsNote, Origin, Status
from service.store.categories import category_of
from service.store.people import author_of
from service.store.schema import (
    articles,
    authors,
    bylines,
    categories,
    filings,
    lengths,
    media,
    origins,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Row, Select

    from service.model import Category
    from service.store.database import Transaction


_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)


def _of(table: Any) -> Select[Any]:
    return (
        select(table)
        .where(table.c.article_id.in_(_NUMBERS))
        .order_by(table.c.article_id, table.c.position)
    )


def _measured() -> Select[Any]:
    """Media objects, with the lengths that their servers told where nobody else has."""
    said = [it for it in media.c if it.name != "length"]
    length = func.coalesce(func.nullif(media.c.length, 0), lengths.c.length).label("length")
    known = (lengths.c.url == media.c.url) & (lengths.c.article_id == media.c.article_id)
    return (
        select(*said, length)
        .outerjoin(lengths, known)
        .where(media.c.article_id.in_(_NUMBERS))
        .order_by(media.c.article_id, media.c.position)
    )


def _credits() -> Select[Any]:
    """Everybody credited, under the name printed and with the page of the author it stands for."""
    canonical = authors.alias("canonical")
    of_page = ("slug", "withdrawn", "withdrawal_reason")
    printed = [it for it in authors.c if it.name not in (*of_page, "alias_of", "merged_into")]
    paged = [canonical.c[name] for name in of_page]
    return (
        select(bylines.c.article_id, bylines.c.role, *printed, *paged)
        .join(authors, authors.c.id == bylines.c.author_id)
        .join(canonical, canonical.c.id == func.coalesce(authors.c.alias_of, authors.c.id))
        .where(bylines.c.article_id.in_(_NUMBERS))
        .order_by(bylines.c.article_id, bylines.c.position)
    )


def _filed() -> Select[Any]:
    return (
        select(filings.c.article_id, *categories.c)
        .join(categories, categories.c.id == filings.c.category_id)
        .where(filings.c.article_id.in_(_NUMBERS))
        .order_by(filings.c.article_id, filings.c.position)
    )


_CREDITS = _credits()
_FILED = _filed()
_ORIGINS = _of(origins)
_MEDIA = _measured()
_PLAIN = {it.name for it in articles.c} & {*Article.__struct_fields__} - {
    "status",
    "in_reply_to",
}
_NOTE_AUTHORS = select(authors).where(authors.c.id.in_(_NUMBERS))


def assemble(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Article]:
    """The articles of these rows, in their order, with all that belongs to them."""
    if not rows:
        return []
    numbers = [row.id for row in rows]
    author = _once(author_of)
    credits_of = _children(tx, _CREDITS, numbers, lambda row: (row.role, author(row)))
    filed = _children(tx, _FILED, numbers, _once(category_of))
    origins_of = _children(tx, _ORIGINS, numbers, _origin)
    media_of = _children(tx, _MEDIA, numbers, _media)
    notes = _note_authors(tx, rows)
    return [
        _article(row, credits_of[at], filed[at], origins_of[at], media_of[at], notes)
        for at, row in zip(numbers, rows, strict=True)
    ]


def _children(
    tx: Transaction, query: Select[Any], numbers: list[int], make: Callable[[Row[Any]], Any]
) -> defaultdict[int, list[Any]]:
    """The values of a child table by article, whose row id stands first in each row."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(query, {"numbers": numbers}):
        found[row[0]].append(make(row))
    return found


def _once(make: Callable[[Row[Any]], Any]) -> Callable[[Row[Any]], Any]:
    """Make one value of each row id: the same people and categories belong to many articles."""
    made: dict[int, Any] = {}

    def known(row: Row[Any]) -> Any:
        if row.id not in made:
            made[row.id] = make(row)
        return made[row.id]

    return known


def _note_authors(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[int, Author]:
    wanted = {row.note_author_id for row in rows if row.note_author_id is not None}
    if not wanted:
        return {}
    found = tx.execute(_NOTE_AUTHORS, {"numbers": sorted(wanted)})
    return {row.id: author_of(row) for row in found}


def _origin(row: Row[Any]) -> Origin:
    return Origin(
        title=row.title,
        source=row.source,
        home=row.home,
        feed=row.feed,
        feed_id=row.feed_id,
        url=row.url,
        entry_id=row.entry_id,
        updated=row.updated,
        rights=row.rights,
        license=row.license,
        authors=tuple(Person(**person) for person in row.authors),
    )


def _media(row: Row[Any]) -> Media:
    return Media(
        url=row.url,
        role=MediaRole(row.role),
        type=row.type,
        length=row.length or None,
        duration=row.duration,
        width=row.width,
        height=row.height,
        title=row.title,
        credit=row.credit,
        description=row.description,
        rights=row.rights,
    )


def _note(
    html: str | None, author: int | None, date: datetime | None, authors_by_id: dict[int, Author]
) -> EditorsNote | None:
    if html is None:
        return None
    return EditorsNote(html=html, author=authors_by_id.get(author or 0), date=date)


def _article(
    row: Row[Any],
    credited: list[tuple[str, Author]],
    filed: list[Category],
    first_published: list[Origin],
    media_objects: list[Media],
    note_authors: dict[int, Author],
) -> Article:
    values = row._asdict()  # a row's attributes are slow to ask for
    plain = {name: values[name] for name in _PLAIN}
    return Article(
        **plain,
        status=Status(values["status"]),
        editors_note=_note(
            values["note"], values["note_author_id"], values["note_date"], note_authors
        ),
        authors=tuple(author for role, author in credited if role == "author"),
        contributors=tuple(
            Contributor(author=author, role=role) for role, author in credited if role != "author"
        ),
        categories=tuple(filed),
        origins=tuple(first_published),
        in_reply_to=Reference(**reply) if (reply := values["in_reply_to"]) else None,
        media=tuple(media_objects),
    )
