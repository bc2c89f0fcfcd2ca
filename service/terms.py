"""Pure: which license an article is under, and how much of it may therefore leave.

Precedence: the article's own license, then its source's, then the site's. A partner's article under unknown
terms leaves as headline, summary and link to the original (LIC-04).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.config import Config, License
    from service.model import Article


class Extent(StrEnum):
    """How much of an article our feeds and pages may carry."""

    FULL = "full"
    SUMMARY = "summary"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Terms:
    """The license that holds for an article, if any is known, and what it allows."""

    extent: Extent
    license: License | None = None
    name: str | None = None  # the key under [licenses.*]


def of(config: Config, article: Article) -> Terms:
    """The terms that hold for an article; under a license that config.toml no longer has, a summary."""
    name = _name(config, article)
    license_ = config.licenses.get(name) if name else None
    if license_ is not None:
        return Terms(Extent(license_.republish), license_, name)
    is_known = name is None and not is_foreign(article)
    return Terms(Extent.FULL if is_known else Extent.SUMMARY)


def _name(config: Config, article: Article) -> str | None:
    if article.license:
        return article.license
    if is_foreign(article):
        source = config.source(article.source) if article.source else None
        return source.license if source else None
    return config.site.license


def is_foreign(article: Article) -> bool:
    """Whether somebody else published it first."""
    return article.source is not None or bool(article.origins)
