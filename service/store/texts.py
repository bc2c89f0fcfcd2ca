"""Full text: the words of every article, and which articles say what.

FTS5 on SQLite and tsvector on PostgreSQL are given words that are folded already, so that they find the same.
Only the index is kept, in a table that is the migrations' alone: the words can be made again at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from service import words
from service.store.many import Many
from service.store.schema import FULL_TEXT, articles, authors, bylines
from service.store.types import RowId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from service.model import Article
    from service.store.database import Transaction
    from service.words import Phrase, Query

_AT_ONCE = 200  # articles
_NEAR = 20_000  # row ids that FTS5 reads in a row as fast as it finds 200 apart
_ALL = 2**31 - 1


def write(tx: Transaction, drafts: Sequence[tuple[int, Article]]) -> None:
    """Keep the words of articles by row id, of which there are none yet."""
    add(tx, [(row_id, _said(it)) for row_id, it in drafts])


def _said(it: Article) -> str:
    told = it.words or words.spoken(it.title, it.summary, it.content)
    return words.signed(told, (who.name for who in it.authors))


def add(tx: Transaction, said: Iterable[tuple[int, str]]) -> None:
    """Keep these words, which are folded, by row ids of articles that have none yet."""
    rows = [{"article": row_id, "words": words} for row_id, words in said]
    _ADD[tx.dialect.name].run(tx, rows)


def clear(tx: Transaction, row_ids: Iterable[int]) -> None:
    """Forget the words of these articles."""
    _REMOVE[tx.dialect.name].run(tx, [{"article": row_id} for row_id in row_ids])


def refresh(tx: Transaction, row_ids: Iterable[int]) -> None:
    """Work out the words of these articles anew."""
    for some in _batches(row_ids):
        clear(tx, some)
        add(tx, made(tx, some))


def every(tx: Transaction) -> Iterator[list[tuple[int, str]]]:
    """The words of all articles by row id, made anew, some at a time."""
    for some in _batches(tx.execute(_EVERY).scalars().all()):
        yield made(tx, some)


def made(tx: Transaction, row_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The words of articles by row id, from their texts as they stand; not too many at once."""
    some = {"numbers": row_ids}
    names: dict[int, list[str]] = {}
    for row in tx.execute(_NAMES, some):
        names.setdefault(row.article_id, []).append(row.name)
    return [
        (it.id, words.signed(words.spoken(it.title, it.summary, it.content), names.get(it.id, ())))
        for it in tx.execute(_TEXTS, some)
    ]


def _batches(row_ids: Iterable[int]) -> Iterator[list[int]]:
    numbers = list(row_ids)
    for first in range(0, len(numbers), _AT_ONCE):
        yield numbers[first : first + _AT_ONCE]


def saying(tx: Transaction, query: Query, *, limit: int = _ALL) -> list[int]:
    """The row ids of articles in any state that answer a query which wants something, in any order."""
    asked = {"words": _expression(tx, query), "limit": limit}
    return list(tx.execute(_SAYING[tx.dialect.name], asked).scalars())


def against(tx: Transaction, query: Query) -> list[int]:
    """The row ids of those that say any of what the query does not want."""
    asked = {"words": _any_of(tx, query.refused), "limit": _ALL}
    return list(tx.execute(_SAYING[tx.dialect.name], asked).scalars())


def among(tx: Transaction, query: Query, numbers: Sequence[int]) -> set[int]:
    """Which of these articles, of which there are some, answer a query that wants something."""
    asked: dict[str, Any] = {"words": _expression(tx, query)}
    first, last = min(numbers), max(numbers)
    if last - first > _NEAR:
        return set(tx.execute(_AMONG[tx.dialect.name], asked | {"numbers": numbers}).scalars())
    found = tx.execute(_BETWEEN[tx.dialect.name], asked | {"first": first, "last": last})
    return set(found.scalars()).intersection(numbers)


def _expression(tx: Transaction, query: Query) -> str:
    """The query in the engine's own language; words are letters and digits, so they need no escaping."""
    is_sqlite = tx.dialect.name == "sqlite"
    said = (" AND " if is_sqlite else " & ").join(_phrase(tx, it) for it in query.wanted)
    if not query.refused:
        return said
    return f"({said}) {'NOT' if is_sqlite else '& !'} ({_any_of(tx, query.refused)})"


def _any_of(tx: Transaction, phrases: Sequence[Phrase]) -> str:
    either = " OR " if tx.dialect.name == "sqlite" else " | "
    return either.join(_phrase(tx, it) for it in phrases)


def _phrase(tx: Transaction, phrase: Phrase) -> str:
    if tx.dialect.name == "sqlite":
        return f'"{" ".join(phrase)}"'
    quoted = (f"'{word}'" for word in phrase)
    return f"({' <-> '.join(quoted)})"


_NUMBERS: sa.BindParameter[Any] = sa.bindparam("numbers", expanding=True)
_TEXTS = sa.select(articles.c.id, articles.c.title, articles.c.summary, articles.c.content).where(
    articles.c.id.in_(_NUMBERS)
)
_NAMES = (
    sa.select(bylines.c.article_id, authors.c.name)
    .join(authors, authors.c.id == bylines.c.author_id)
    .where(bylines.c.article_id.in_(_NUMBERS), bylines.c.role == "author")
    .order_by(bylines.c.article_id, bylines.c.position)
)
_EVERY = sa.select(articles.c.id).order_by(articles.c.id)
_INDEXES = {
    "sqlite": sa.table(FULL_TEXT, sa.column("rowid"), sa.column("words")),
    "postgresql": sa.table(FULL_TEXT, sa.column("article_id"), sa.column("vector")),
}
_ARTICLE, _WORDS = sa.bindparam("article", type_=RowId), sa.bindparam("words", type_=sa.Text)
_ADD = {
    "sqlite": Many(sa.insert(_INDEXES["sqlite"]).values(rowid=_ARTICLE, words=_WORDS)),
    "postgresql": Many(
        sa.insert(_INDEXES["postgresql"]).values(
            article_id=_ARTICLE, vector=sa.text("to_tsvector('simple', :words)").bindparams(_WORDS)
        )
    ),
}
_REMOVE = {
    name: Many(sa.delete(index).where(next(iter(index.c)) == _ARTICLE))
    for name, index in _INDEXES.items()
}
_SAYING = {
    "sqlite": sa.text("SELECT rowid FROM texts_index WHERE texts_index MATCH :words LIMIT :limit"),
    "postgresql": sa.text(
        "SELECT article_id FROM texts_index WHERE vector @@ to_tsquery('simple', :words) LIMIT :limit"
    ),
}
_BETWEEN = {
    "sqlite": sa.text(
        "SELECT rowid FROM texts_index"
        " WHERE texts_index MATCH :words AND rowid BETWEEN :first AND :last"
    ),
    "postgresql": sa.text(
        "SELECT article_id FROM texts_index WHERE vector @@ to_tsquery('simple', :words)"
        " AND article_id BETWEEN :first AND :last"
    ),
}
_AMONG = {
    "sqlite": sa.text(
        "SELECT rowid FROM texts_index WHERE texts_index MATCH :words AND rowid IN :numbers"
    ).bindparams(_NUMBERS),
    "postgresql": sa.text(
        "SELECT article_id FROM texts_index"
        " WHERE vector @@ to_tsquery('simple', :words) AND article_id IN :numbers"
    ).bindparams(_NUMBERS),
}
