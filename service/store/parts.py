"""What belongs to articles: rows of their own tables, and the scopes in which each stands."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from service.model import ALL, ARTICLE
from service.store import categories, lengths, meta, newcomers, people, pictured, texts
from service.store.among import among
from service.store.flat import flat
from service.store.many import inserting
from service.store.schema import articles, authors, bylines, filings, media, origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Table

    from service.config.precedence import Precedence
    from service.model import Article, Author, Category
    from service.store.database import Transaction

_TABLES = (bylines, filings, origins, media)
_CREDITED = (
    select(bylines.c.article_id, func.coalesce(authors.c.alias_of, authors.c.id))
    .join(authors, authors.c.id == bylines.c.author_id)
    .where(among(bylines.c.article_id, "numbers"), bylines.c.role == "author")
)
_FILED = select(filings.c.article_id, filings.c.category_id).where(
    among(filings.c.article_id, "numbers")
)
_SOURCES = select(
    articles.c.id, articles.c.source, articles.c.language, articles.c.held, articles.c.is_whole
).where(among(articles.c.id, "numbers"))
LICENSE = "license:"  # what the scope of a license begins with
FREE = "free:"  # the same, of what is under it and may be republished if it says so
LANGUAGE = "language:"  # what the scope of a language begins with; by itself that of articles that name none
_TAG = re.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*")


class Names:
    """The row ids of people and categories, each looked up or added once in a transaction."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self.now = now
        self._people: dict[Author, int] = {}
        self._categories: dict[Category, int] = {}
        self._precedence: Precedence | None = None

    def author(self, author: Author) -> int:
        """The row id of somebody who is credited."""
        if author not in self._people:
            self._people[author] = people.ensure(self._tx, author, self.now)
        return self._people[author]

    def meet(self, found: Iterable[Author]) -> None:
        """Look up, or add, these people together."""
        self._people |= newcomers.ensure_all(
            self._tx, (it for it in found if it not in self._people), self.now
        )

    def category(self, category: Category) -> int:
        """The row id of a category."""
        if category not in self._categories:
            self._categories[category] = categories.ensure(self._tx, category)
        return self._categories[category]

    def license(self, draft: Article) -> dict[str, object]:
        """The license that holds for an article, and whether that alone decides, as columns."""
        if self._precedence is None:
            self._precedence = meta.precedence(self._tx)
        filed = (f"{it.scheme}/{it.slug}" for it in draft.categories)
        is_foreign = draft.source is not None or bool(draft.origins)
        held = self._precedence.held(draft.license, draft.source, filed, is_foreign=is_foreign)
        return {"held": held, "is_whole": draft.source not in self._precedence.abridged}


def write(tx: Transaction, drafts: Sequence[tuple[int, Article]], names: Names) -> None:
    """Write all that belongs to articles of these row ids, which have nothing yet."""
    names.meet(author for _, draft in drafts for author in _people(draft))
    rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for row_id, draft in drafts:
        for table, parts in _parts(draft, names).items():
            numbered = enumerate(parts)
            rows[table] += [{**it, "article_id": row_id, "position": n} for n, it in numbered]
    for table in _TABLES:
        if rows[table]:
            _INSERTS[table].run(tx, rows[table])
    texts.write(tx, drafts)
    for row_id, draft in drafts:
        lengths.want(tx, row_id, draft.media, names.now)
    pictured.note(tx, {row_id: pictured.names(draft) for row_id, draft in drafts}, names.now)


_INSERTS = {table: inserting(table) for table in _TABLES}


def _people(draft: Article) -> Iterator[Author]:
    yield from draft.authors
    yield from (credit.author for credit in draft.contributors)


def _parts(draft: Article, names: Names) -> dict[Table, list[dict[str, Any]]]:
    credited = [(names.author(author), "author") for author in draft.authors]
    credited += [(names.author(credit.author), credit.role) for credit in draft.contributors]
    filed = dict.fromkeys(names.category(category) for category in draft.categories)
    return {
        bylines: [{"author_id": it, "role": role} for it, role in dict.fromkeys(credited)],
        filings: [{"category_id": it} for it in filed],
        origins: [flat(origin) for origin in draft.origins],
        media: [flat(item) | {"role": item.role.value} for item in draft.media],
    }


def clear(tx: Transaction, row_id: int) -> None:
    """Take away all that belongs to an article."""
    for table in _TABLES:
        tx.execute(delete(table).where(table.c.article_id == row_id))
    texts.clear(tx, [row_id])


def scopes(tx: Transaction, numbers: Iterable[int]) -> dict[int, frozenset[str]]:
    """Every scope in which each of these articles stands, as the change log names them."""
    wanted = {"numbers": list(numbers)}
    found = {number: {ALL, f"{ARTICLE}{number}"} for number in wanted["numbers"]}
    for number, source, language, held, is_whole in tx.execute(_SOURCES, wanted):
        found[number] |= {f"source:{source}"} if source else set()
        found[number].update(licenses(held, is_whole=is_whole))
        found[number].update(languages(language))
    for number, author in tx.execute(_CREDITED, wanted):
        found[number].add(f"author:{author}")
    for number, category in tx.execute(_FILED, wanted):
        found[number].add(f"category:{category}")
    return {number: frozenset(it) for number, it in found.items()}


def licenses(held: str | None, *, is_whole: bool | None) -> list[str]:
    """The scopes of a license, as far as they hold an article."""
    if held is None:
        return []
    return [LICENSE + held, *([FREE + held] if is_whole else [])]


def languages(tag: str | None) -> list[str]:
    """The scopes of a language: an article in "pt-BR" is one in "pt", too (RFC 4647 section 3.3.1)."""
    folded = (tag or "").lower()
    if not _TAG.fullmatch(folded):
        return [LANGUAGE]
    pieces = folded.split("-")
    return [LANGUAGE + "-".join(pieces[:length]) for length in range(1, len(pieces) + 1)]
