"""A newsroom as it is after decades: short texts, many authors, categories of very different sizes.

Every article is in one of two halves (`theme-0`, `theme-1`), in another theme, a region and mostly a report;
the first of each hold a large share, the last a few articles. All say "common", twenty say each "rareN".
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from benchmarks.newsroom import NEWEST, Newsroom
from service.model import Article, Selection, Term
from service.selection import canonical

_APART = timedelta(minutes=5)  # between two articles
_FIELDS = ("theme", "region", "report", "author")
_SENTENCES = 5_000
_SAID = 4  # sentences of an article
_RARE = 20  # articles that say a rare word
_SKEW = 3.0  # the larger, the more falls to the first


@dataclass(frozen=True)
class Archive(Newsroom):
    """The parameters; article number 0 is the oldest."""

    authors: int = 20_000
    themes: int = 200
    regions: int = 200
    reports: int = 100

    def article(self, number: int) -> Article:
        """One of them; numbers beyond `size` give articles to write later."""
        chance = random.Random(self.seed * 1_000_000_007 + number)
        published = NEWEST + (number - self.size) * _APART
        said = chance.sample(self._sentences, _SAID)
        filed = [
            self.category("theme", chance.randrange(2)),
            self.category("theme", 2 + self._skewed(chance, self.themes - 2)),
            self.category("region", self._skewed(chance, self.regions)),
        ]
        if chance.random() < 0.7:
            filed.append(self.category("report", self._skewed(chance, self.reports)))
        who = {self._skewed(chance, self.authors) for _ in range(chance.choice((1, 1, 1, 2)))}
        return Article(
            title=f"{said[0]} {number}",
            slug=f"article-{number}",
            summary=f"{said[1]}.",
            content=f"<p>common rare{number // _RARE} {said[2]}.</p><p>{said[3]}.</p>",
            published=published,
            updated=published,
            authors=tuple(self.author(it) for it in sorted(who)),
            categories=tuple(filed),
        )

    def selections(self, number: int) -> list[Selection]:
        """Combinations of chance: single ones, all of several, any of several, and without some."""
        chance = random.Random(self.seed)
        drawn = (self._selection(chance, at % 4) for at in range(number))
        return [canonical(it, _FIELDS) for it in drawn]

    def _selection(self, chance: random.Random, kind: int) -> Selection:
        terms = [self._term(chance) for _ in range(3)]
        if kind == 0:
            return Selection((terms[0],))
        if kind == 1:
            return Selection(tuple(terms[: chance.choice((2, 2, 3))]))
        if kind == 2:
            slugs = {self._term(chance, "theme").slugs[0] for _ in range(4)}
            return Selection((Term("theme", tuple(sorted(slugs))),))
        return Selection((terms[0], Term(terms[1].field, terms[1].slugs, negated=True)))

    def _term(self, chance: random.Random, field: str | None = None) -> Term:
        field = field or chance.choice(("theme", "theme", "region", "region", "report", "author"))
        most = {
            "theme": self.themes,
            "region": self.regions,
            "report": self.reports,
            "author": self.authors,
        }[field]
        return Term(field, (f"{field}-{self._skewed(chance, most)}",))

    def _skewed(self, chance: random.Random, most: int) -> int:
        return int(most * chance.random() ** _SKEW)

    @cached_property
    def _sentences(self) -> list[str]:
        chance = random.Random(self.seed)
        return [self._sentence(chance) for _ in range(_SENTENCES)]
