"""What belongs to articles: rows of their own tables, and the scopes in which each stands."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import asdict
from sqlalchemy import delete, func, select

from service.model import ALL, ARTICLE
from service.store import categories, lengths, meta, newcomers, people, texts
from service.store.among import among
from service.store.flat import flat
from service.store.many import inserting
from service.store.schema import articles, authors, bylines, filings, media, origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Table

    from feeds.model import Person
    from service.config.precedence import Precedence
    from service.model import Article, Author, Category
    from service.store.database import Transaction

_TABLES = (bylines, filings, origins, media)
_CREDITED = (
    select(bylines.c.article_id, func.coalesce(authors.c.alias_of, authors.c.id))
    .join(authors, authors.c.id == bylines.c.author_id)
    .where(among(bylines.c.article_id, "numbers"), bylines.c.role == "author")
)
_SHOWN = select(authors.c.id, func.coalesce(authors.c.alias_of, authors.c.id)).where(
    among(authors.c.id, "numbers")
)
_FILED = select(filings.c.article_id, filings.c.category_id).where(
    among(filings.c.article_id, "numbers")
)
LICENSE = "license:"  # what the scope of a license begins with
FREE = "free:"  # the same, of what is under it and may be republished if it says so
LANGUAGE = "language:"  # what the scope of a language begins with; by itself that of articles that name none
_TAG = re.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*")
_AUTHOR = "author"  # the role of those whom an article is by


class Facts(NamedTuple):
    """What an article itself tells of where it stands: columns of its row."""

    source: str | None
    language: str | None
    held: str | None
    is_whole: bool | None


_FACTS = select(articles.c.id, *(articles.c[it] for it in Facts._fields)).where(
    among(articles.c.id, "numbers")
)


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
        found = self._people.get(author)
        if found is None:
            found = self._people[author] = people.ensure(self._tx, author, self.now)
        return found

    def credited(self, draft: Article) -> list[tuple[int, str]]:
        """Everybody who is credited, each once in a role, with it."""
        found = [(self.author(it), _AUTHOR) for it in draft.authors]
        found += [(self.author(it.author), it.role) for it in draft.contributors]
        return list(dict.fromkeys(found))

    def meet(self, drafts: Iterable[Article]) -> None:
        """Look up, or add, all who are credited together."""
        found = dict.fromkeys(author for draft in drafts for author in _people(draft))
        unmet = [it for it in found if it not in self._people]
        self._people |= newcomers.ensure_all(self._tx, unmet, self.now)

    def filed(self, draft: Article) -> list[int]:
        """The row ids of its categories, each once."""
        return list(dict.fromkeys(map(self.category, draft.categories)))

    def category(self, category: Category) -> int:
        """The row id of a category."""
        if category not in self._categories:
            self._categories[category] = categories.ensure(self._tx, category)
        return self._categories[category]

    def license(self, draft: Article) -> tuple[str | None, bool]:
        """The license that holds for an article, and whether that alone decides."""
        if self._precedence is None:
            self._precedence = meta.precedence(self._tx)
        filed = [f"{it.scheme}/{it.slug}" for it in draft.categories]
        is_foreign = draft.source is not None or bool(draft.origins)
        held = self._precedence.held(draft.license, draft.source, filed, is_foreign=is_foreign)
        return held, draft.source not in self._precedence.abridged


def write(
    tx: Transaction, drafts: Sequence[tuple[int, Article]], names: Names
) -> list[tuple[list[int], list[int]]]:
    """Write all that belongs to articles of these row ids, which have nothing yet.

    Gives the row ids of those whom each is by, as readers see them, and of the categories it is filed under.
    """
    names.meet(draft for _, draft in drafts)
    credited = [names.credited(draft) for _, draft in drafts]
    filed = [names.filed(draft) for _, draft in drafts]
    plain = cache(_plain)  # a document's entries all name those of the document
    rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for (row_id, draft), people_, places in zip(drafts, credited, filed, strict=True):
        rows[bylines] += [
            {"article_id": row_id, "position": n, "author_id": it, "role": role}
            for n, (it, role) in enumerate(people_)
        ]
        rows[filings] += [
            {"article_id": row_id, "position": n, "category_id": it} for n, it in enumerate(places)
        ]
        rows[origins] += [
            asdict(it) | {"article_id": row_id, "position": n, "authors": plain(it.authors)}
            for n, it in enumerate(draft.origins)
        ]
        rows[media] += [
            flat(it) | {"article_id": row_id, "position": n} for n, it in enumerate(draft.media)
        ]
    for table, some in rows.items():
        _INSERTS[table].run(tx, some)
    texts.write(tx, drafts)
    for row_id, draft in drafts:
        if draft.media:
            lengths.want(tx, row_id, draft.media, names.now)
    signed = _signed(tx, credited)
    return list(zip(signed, filed, strict=True))


_INSERTS = {table: inserting(table) for table in _TABLES}


def _plain(people_: tuple[Person, ...]) -> list[dict[str, Any]]:
    return [flat(it) for it in people_]


def _people(draft: Article) -> Iterator[Author]:
    yield from draft.authors
    yield from (credit.author for credit in draft.contributors)


def _signed(tx: Transaction, credited: Sequence[Sequence[tuple[int, str]]]) -> list[list[int]]:
    """Whom each of the articles is by: an alias is shown as whom it stands for."""
    signed = [[it for it, role in people_ if role == _AUTHOR] for people_ in credited]
    numbers = sorted({it for some in signed for it in some})
    shown = dict(tx.execute(_SHOWN, {"numbers": numbers}).all()) if numbers else {}
    return [[shown[it] for it in some] for some in signed]


def clear(tx: Transaction, row_id: int) -> None:
    """Take away all that belongs to an article."""
    for table in _TABLES:
        tx.execute(delete(table).where(table.c.article_id == row_id))
    texts.clear(tx, [row_id])


def scopes(tx: Transaction, numbers: Iterable[int]) -> dict[int, frozenset[str]]:
    """Every scope in which each of these articles stands, as the change log names them."""
    wanted = {"numbers": list(numbers)}
    signed: defaultdict[int, list[int]] = defaultdict(list)
    for number, author in tx.execute(_CREDITED, wanted):
        signed[number].append(author)
    filed: defaultdict[int, list[int]] = defaultdict(list)
    for number, category in tx.execute(_FILED, wanted):
        filed[number].append(category)
    return {
        number: scopes_of(number, Facts(*told), signed[number], filed[number])
        for number, *told in tx.execute(_FACTS, wanted)
    }


def scopes_of(
    number: int, it: Facts, signed: Iterable[int], filed: Iterable[int]
) -> frozenset[str]:
    """The scopes of an article by its row id, what it tells itself, its authors and its categories."""
    found = [ALL, f"{ARTICLE}{number}", *languages(it.language)]
    if it.source:
        found.append(f"source:{it.source}")
    found += licenses(it.held, is_whole=it.is_whole)
    found += [f"author:{author}" for author in signed]
    found += [f"category:{category}" for category in filed]
    return frozenset(found)


def licenses(held: str | None, *, is_whole: bool | None) -> list[str]:
    """The scopes of a license, as far as they hold an article."""
    if held is None:
        return []
    return [LICENSE + held, *([FREE + held] if is_whole else [])]


def languages(tag: str | None) -> list[str]:
    """The scopes of a language: an article in "pt-BR" is one in "pt", too (RFC 4647 section 3.3.1)."""
    folded = tag.lower() if tag else ""
    if not folded or not _TAG.fullmatch(folded):
        return [LANGUAGE]
    pieces = folded.split("-")
    return [LANGUAGE + "-".join(pieces[:length]) for length in range(1, len(pieces) + 1)]
