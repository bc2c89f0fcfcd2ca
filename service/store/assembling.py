"""Rows to articles: one query a child table, whatever the number of articles."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from feeds.model import Media, MediaRole, Person
from service.model import Article, Author, Contributor, EditorsNote, Origin, Status
from service.store.categories import category_of
from service.store.people import author_of
from service.store.schema import authors, bylines, categories, filings, media, origins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Row, Select

    from service.model import Category
    from service.store.database import Transaction


def assemble(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Article]:
    """The articles of these rows, in their order, with all that belongs to them."""
    if not rows:
        return []
    numbers = [row.id for row in rows]
    credits_of = _children(tx, _credits(numbers), lambda row: (row.role, author_of(row)))
    filed = _children(tx, _filed(numbers), category_of)
    origins_of = _children(tx, _of(origins, numbers), _origin)
    media_of = _children(tx, _of(media, numbers), _media)
    notes = _note_authors(tx, rows)
    return [
        _article(
            row, credits_of[row.id], filed[row.id], origins_of[row.id], media_of[row.id], notes
        )
        for row in rows
    ]


def _children(
    tx: Transaction, query: Select[Any], make: Callable[[Row[Any]], Any]
) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.article_id].append(make(row))
    return found


def _of(table: Any, numbers: list[int]) -> Select[Any]:
    return (
        select(table)
        .where(table.c.article_id.in_(numbers))
        .order_by(table.c.article_id, table.c.position)
    )


def _credits(numbers: list[int]) -> Select[Any]:
    """Everybody credited, under the name printed and the slug of the author it stands for."""
    canonical = authors.alias("canonical")
    printed = [column for column in authors.c if column.name not in ("slug", "alias_of")]
    return (
        select(bylines.c.article_id, bylines.c.role, *printed, canonical.c.slug)
        .join(authors, authors.c.id == bylines.c.author_id)
        .join(canonical, canonical.c.id == func.coalesce(authors.c.alias_of, authors.c.id))
        .where(bylines.c.article_id.in_(numbers))
        .order_by(bylines.c.article_id, bylines.c.position)
    )


def _filed(numbers: list[int]) -> Select[Any]:
    return (
        select(filings.c.article_id, *categories.c)
        .join(categories, categories.c.id == filings.c.category_id)
        .where(filings.c.article_id.in_(numbers))
        .order_by(filings.c.article_id, filings.c.position)
    )


def _note_authors(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[int, Author]:
    wanted = {row.note_author_id for row in rows if row.note_author_id is not None}
    if not wanted:
        return {}
    found = tx.execute(select(authors).where(authors.c.id.in_(wanted)))
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
        length=row.length,
        duration=row.duration,
        width=row.width,
        height=row.height,
        title=row.title,
        credit=row.credit,
        description=row.description,
    )


def _note(row: Row[Any], authors_by_id: dict[int, Author]) -> EditorsNote | None:
    if row.note is None:
        return None
    return EditorsNote(
        html=row.note, author=authors_by_id.get(row.note_author_id), date=row.note_date
    )


def _article(
    row: Row[Any],
    credited: list[tuple[str, Author]],
    filed: list[Category],
    first_published: list[Origin],
    media_objects: list[Media],
    note_authors: dict[int, Author],
) -> Article:
    return Article(
        id=row.id,
        guid=row.guid,
        path=row.path,
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        content=row.content,
        language=row.language,
        status=Status(row.status),
        published=row.published,
        updated=row.updated,
        expires=row.expires,
        retracted=row.retracted,
        retraction_reason=row.retraction_reason,
        source=row.source,
        rights=row.rights,
        license=row.license,
        editors_note=_note(row, note_authors),
        canonical_url=row.canonical_url,
        discussion_url=row.discussion_url,
        authors=tuple(author for role, author in credited if role == "author"),
        contributors=tuple(
            Contributor(author=author, role=role) for role, author in credited if role != "author"
        ),
        categories=tuple(filed),
        origins=tuple(first_published),
        media=tuple(media_objects),
    )
