"""Pure: which license an article is under at a moment, and how much of it may therefore leave.

Precedence: the article's own license, then its source's, then its categories' (the strictest of several),
then the site's. A partner's article under unknown terms leaves as headline, summary and link to the
original (LIC-04): neither a category nor the site gives away what is not ours; a category can hold it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config import Config, License, PartnerSettings
    from service.model import Article


class Extent(StrEnum):
    """How much of an article may be shown somewhere."""

    FULL = "full"
    SUMMARY = "summary"
    NONE = "none"


_STRICTNESS = (Extent.NONE, Extent.SUMMARY, Extent.FULL)


@dataclass(frozen=True, slots=True)
class Terms:
    """The license that holds for an article, if any is known, and what it allows."""

    extent: Extent  # how much our feeds carry
    republish: Extent = Extent.SUMMARY  # how much others may republish
    license: License | None = None
    name: str | None = None  # the key under [licenses.*]
    has_ended: bool = False  # the license was good until a day that is over
    is_abridged: bool = False  # its source is shown by summaries, whatever its license allows

    @property
    def may_be_republished(self) -> bool:
        """Whether a license in force lets others republish the whole text."""
        return self.license is not None and self.republish is Extent.FULL


def of(config: Config, article: Article, now: datetime) -> Terms:
    """The terms that hold for an article; under a license that config.toml no longer has, a summary."""
    held = _of_license(config, article, now)
    source = config.source(article.source) if article.source else None
    if source is None or source.text == "full":
        return held
    extent, republish = _cut(held.extent), _cut(held.republish)
    return replace(held, extent=extent, republish=republish, is_abridged=True)


def _of_license(config: Config, article: Article, now: datetime) -> Terms:
    name = _name(config, article)
    license_ = config.licenses.get(name) if name else None
    is_ours = not is_foreign(article)
    if license_ is None:
        return Terms(Extent.FULL if is_ours and name is None else Extent.SUMMARY)
    republish = Extent(license_.republish)
    extent = Extent(license_.feeds or republish) if is_ours else republish
    if has_ended(config, license_, now):
        return Terms(_cut(extent), _cut(republish), name=name, has_ended=True)
    return Terms(extent, republish, license_, name)


def _cut(extent: Extent) -> Extent:
    return Extent.SUMMARY if extent is Extent.FULL else extent


def for_partner(held: Terms, partner: PartnerSettings) -> Extent:
    """How much of an article a partner gets (LIC-03): all of it where a license in force covers the partner.

    Else what anybody may republish, unless that is for some only: then a summary.
    """
    most = held.republish
    if held.license is not None and held.name in partner.licenses:
        most = Extent.FULL
    elif held.license is not None and held.license.users:
        most = _cut(most)
    return _cut(most) if partner.text == "summary" or held.is_abridged else most


def end(config: Config, license_: License) -> datetime | None:
    """The moment from which a license no longer holds, UTC: the end of its last day in the site's zone."""
    if license_.valid_until is None:
        return None
    following = license_.valid_until + timedelta(days=1)
    return datetime.combine(following, time(), config.site.zone).astimezone(UTC)


def has_ended(config: Config, license_: License, now: datetime) -> bool:
    """Whether the last day of a license is over."""
    over = end(config, license_)
    return over is not None and over <= now


def next_end(config: Config, now: datetime) -> datetime | None:
    """When time alone next changes what may leave: the end of the license that ends first."""
    ends = (end(config, it) for it in config.licenses.values())
    return min((it for it in ends if it is not None and it > now), default=None)


def is_foreign(article: Article) -> bool:
    """Whether somebody else published it first."""
    return article.source is not None or bool(article.origins)


def _name(config: Config, article: Article) -> str | None:
    if article.license:
        return article.license
    source = config.source(article.source) if article.source else None
    if source and source.license:
        return source.license
    filed = min(
        _of_categories(config, article), key=lambda it: _strictness(config, it), default=None
    )
    if is_foreign(article):
        return filed if filed and config.licenses[filed].republish == "none" else None
    return filed or config.site.license


def _of_categories(config: Config, article: Article) -> Iterator[str]:
    for it in article.categories:
        taxonomy = config.taxonomies.get(it.scheme)
        term = taxonomy.terms.get(it.slug) if taxonomy else None
        if term and term.license:
            yield term.license


def _strictness(config: Config, name: str) -> tuple[int, int, int, int]:
    """The stricter, the smaller; of two that are alike the one that stands first in config.toml."""
    it = config.licenses[name]
    return (
        _STRICTNESS.index(Extent(it.republish)),
        _STRICTNESS.index(Extent(it.feeds or it.republish)),
        -len(it.prohibits),
        list(config.licenses).index(name),
    )
