"""An invented newsroom of any size: articles of 3 kB with one to three authors, a theme, a region, a report.

The same parameters make the same newsroom on every machine.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from feeds.identity import tag_uri
from feeds.sanitize import POLICY_VERSION
from service.model import ALL, Article, Author, Category, Status
from service.store import categories, changelog, meta, people, shelving, texts
from service.store.parts import LANGUAGE
from service.store.schema import articles, bylines, filings, positions, scopes
from service.store.shelving import NOWHERE, Move, Stand, State
from service.store.types import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from service.store import Store, Transaction

NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(minutes=7)  # between two articles
_CHUNK = 2000  # articles a transaction
_FORMATS = ("atom", "rss", "json")
_SYLLABLES = [first + vowel for first in "bdfghklmnprst" for vowel in "aeiou"]
_WORDS = 3000
_SENTENCE = 11  # words
_PARAGRAPH = 500  # bytes, about
_PARAGRAPHS = 2000  # that articles are put together from
_PER_ARTICLE = 6


@dataclass(frozen=True)
class Newsroom:
    """The parameters; article number 0 is the oldest."""

    size: int = 10_000  # articles
    authors: int = 9_899  # with the categories and the feed of everything, 10,000 feeds
    themes: int = 30
    regions: int = 30
    reports: int = 40
    seed: int = 1

    def article(self, number: int) -> Article:
        """One of them; numbers beyond `size` give articles to write later."""
        chance = random.Random(f"{self.seed}/{number}")
        published = NEWEST + (number - self.size) * _APART
        who = chance.sample(range(self.authors), min(self.authors, chance.choice((1, 1, 2, 2, 3))))
        filed = (("theme", self.themes), ("region", self.regions), ("report", self.reports))
        return Article(
            title=f"{self._sentence(chance)} {number}",
            slug=f"article-{number}",
            summary=self._sentence(chance) + ".",
            content="".join(chance.sample(self._paragraphs, _PER_ARTICLE)),
            published=published,
            updated=published,
            authors=tuple(self.author(it) for it in who),
            categories=tuple(self.category(it, chance.randrange(most)) for it, most in filed),
        )

    def author(self, number: int) -> Author:
        """One of the authors."""
        return Author(name=f"Author {number}", slug=f"author-{number}")

    def category(self, scheme: str, number: int) -> Category:
        """One of a taxonomy's categories."""
        return Category(
            scheme=scheme, slug=f"{scheme}-{number}", label=f"{scheme} {number}".title()
        )

    def categories(self) -> Iterator[Category]:
        """All of all taxonomies."""
        for scheme, most in (
            ("theme", self.themes),
            ("region", self.regions),
            ("report", self.reports),
        ):
            yield from (self.category(scheme, number) for number in range(most))

    def paths(self, most: int) -> list[str]:
        """Addresses of feeds, in an order of chance: all, categories and authors, each in one format."""
        chance = random.Random(self.seed)
        subjects = chain(
            [ALL],
            (f"{it.scheme}/{it.slug}" for it in self.categories()),
            (f"author/{self.author(it).slug}" for it in range(self.authors)),
        )
        found = [f"/feeds/{it}.{chance.choice(_FORMATS)}" for it in islice(subjects, most)]
        chance.shuffle(found)
        return found

    @cached_property
    def _words(self) -> tuple[list[str], list[float]]:
        """Words and how often each is said: as in real texts, a few most of the time (Zipf's law)."""
        chance = random.Random(self.seed)
        words = ["".join(chance.choices(_SYLLABLES, k=1 + number % 4)) for number in range(_WORDS)]
        return words, [1 / (rank + 3) for rank in range(_WORDS)]

    @cached_property
    def _paragraphs(self) -> list[str]:
        chance = random.Random(self.seed)
        return [self._paragraph(chance) for _ in range(_PARAGRAPHS)]

    def _paragraph(self, chance: random.Random) -> str:
        said = ""
        while len(said) < _PARAGRAPH:
            said += self._sentence(chance) + ". "
        return f"<p>{said.strip()}</p>\n"

    def _sentence(self, chance: random.Random) -> str:
        words, weights = self._words
        return " ".join(chance.choices(words, weights, k=_SENTENCE)).capitalize()


@dataclass
class _Bulk:
    """Rows on their way, and what they are numbered by."""

    authors: dict[str, int]  # name to row id
    categories: dict[tuple[str, str], int]
    next_id: int
    authority: str
    minted: Any  # a date
    numbers: Counter[str] = field(default_factory=Counter)  # of each scope
    touched: dict[str, datetime] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)  # onto shelves, of what was not written yet

    def rows(self, article: Article) -> Iterator[tuple[Any, dict[str, Any]]]:
        """The article and all that belongs to it, as (table, row)."""
        row_id, self.next_id = self.next_id, self.next_id + 1
        yield articles, self._article(row_id, article)
        credited = [self.authors[it.name] for it in article.authors]
        filed = [self.categories[it.scheme, it.slug] for it in article.categories]
        for at, author in enumerate(credited):
            yield (
                bylines,
                {"article_id": row_id, "position": at, "author_id": author, "role": "author"},
            )
        for at, category in enumerate(filed):
            yield filings, {"article_id": row_id, "position": at, "category_id": category}
        names = [ALL, *(f"author:{it}" for it in credited), *(f"category:{it}" for it in filed)]
        for name in names:
            self.numbers[name] += 1
            self.touched[name] = article.updated
            yield positions, {"scope": name, "number": self.numbers[name], "article_id": row_id}
        ranks = {State.PUBLISHED: -microseconds(article.published)}
        self.moves.append(Move(row_id, NOWHERE, Stand(frozenset({*names, LANGUAGE}), ranks)))
        yield scopes, {"scope": f"article:{row_id}", "last_number": 0, "touched": article.updated}

    def _article(self, row_id: int, it: Article) -> dict[str, Any]:
        path = f"{it.published:%Y/%m}/{it.slug}"
        return {
            "id": row_id,
            "guid": tag_uri(self.authority, self.minted, f"article/{row_id}"),
            "path": path,
            "handle": f"path:{path}",
            "slug": it.slug,
            "title": it.title,
            "summary": it.summary,
            "content": it.content,
            "policy": POLICY_VERSION,
            "status": Status.PUBLISHED.value,
            "published": it.published,
            "updated": it.updated,
            "digest": "filled in bulk",  # so whoever saves it again edits it
            "created": it.updated,
        }


def fill(store: Store, newsroom: Newsroom, *, told: Callable[[int], None] | None = None) -> None:
    """Write the whole newsroom into a database that holds no article, past the gate that checks each.

    `told` hears of the number written after each transaction.
    """
    with store.writing() as tx:
        bulk = _begin(tx, newsroom)
    for first in range(0, newsroom.size, _CHUNK):
        numbers = range(first, min(first + _CHUNK, newsroom.size))
        with store.writing() as tx:
            _write(tx, bulk, [newsroom.article(number) for number in numbers])
        if told:
            told(len(numbers))
    with store.writing() as tx:
        _finish(tx, bulk)
        if not store.is_sqlite:
            _count_on(tx)


def _begin(tx: Transaction, newsroom: Newsroom) -> _Bulk:
    names = [newsroom.author(number) for number in range(newsroom.authors)]
    authority, minted = meta.tag_authority(tx)
    return _Bulk(
        authors={it.name: people.ensure(tx, it, NEWEST) for it in names},
        categories={
            (it.scheme, it.slug): categories.ensure(tx, it) for it in newsroom.categories()
        },
        next_id=1 + (tx.execute(select(func.max(articles.c.id))).scalar_one() or 0),
        authority=authority,
        minted=minted,
    )


def _write(tx: Transaction, bulk: _Bulk, written: Sequence[Article]) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {}
    first = bulk.next_id
    for article in written:
        for table, row in bulk.rows(article):
            rows.setdefault(table, []).append(row)
    for table, values in rows.items():
        tx.execute(insert(table), values)
    texts.write(tx, list(enumerate(written, first)))
    shelving.shelve(tx, bulk.moves)
    bulk.moves.clear()


def _finish(tx: Transaction, bulk: _Bulk) -> None:
    """Keep the last number of each scope, and tell the change log of each once."""
    tx.execute(
        insert(scopes),
        [
            {"scope": name, "last_number": number, "touched": bulk.touched[name]}
            for name, number in bulk.numbers.items()
        ],
    )
    names = list(bulk.numbers)
    for first in range(0, len(names), _CHUNK):
        changelog.append(tx, names[first : first + _CHUNK], NEWEST)


def _count_on(tx: Transaction) -> None:
    """Let PostgreSQL number on after the rows that came with their numbers."""
    tx.execute(
        text(
            "SELECT setval(pg_get_serial_sequence('articles', 'id'), (SELECT max(id) FROM articles))"
        )
    )
