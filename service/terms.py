"""Pure: which license an article is under at a moment, and how much of it may therefore leave.

Precedence: the article's own license, then its source's, then its categories' (the strictest of several),
then the site's. A partner's article under unknown terms leaves as headline, summary and link to the
original (LIC-04): neither a category nor the site gives away what is not ours; a category can hold it back.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from service.config import Config, License, PartnerSettings
    from service.model import Article


class Extent(StrEnum):
    """How much of an article may be shown somewhere."""

    FULL = "full"
    SUMMARY = "summary"
    NONE = "none"


class Terms(Struct, frozen=True):
    """The license that holds for an article, if any is known, and what it allows."""

    extent: Extent  # how much our feeds carry
    republish: Extent = Extent.SUMMARY  # how much others may republish
    license: License | None = None
    name: str | None = None  # the key under [licenses.*]
    has_ended: bool = False  # the license was good until a day that is over
    is_abridged: bool = False  # its source is shown by summaries, whatever its license allows


def of(config: Config, article: Article, now: datetime) -> Terms:
    """The terms that hold for an article; under a license that config.toml no longer has, a summary."""
    held = _of_license(config, article, now)
    source = config.source(article.source) if article.source else None
    if source is None or source.text == "full":
        return held
    extent, republish = _cut(held.extent), _cut(held.republish)
    return replace(held, extent=extent, republish=republish, is_abridged=True)


def _of_license(config: Config, article: Article, now: datetime) -> Terms:
    name = config.precedence.held(
        article.license,
        article.source,
        (f"{it.scheme}/{it.slug}" for it in article.categories),
        is_foreign=is_foreign(article),
    )
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


def republishable(config: Config, now: datetime) -> list[str]:
    """The names of the licenses in force under which others may republish the whole text."""
    licenses = config.licenses.items()
    return [
        name for name, it in licenses if it.republish == "full" and not has_ended(config, it, now)
    ]


def next_end(config: Config, now: datetime) -> datetime | None:
    """When time alone next changes what may leave: the end of the license that ends first."""
    ends = (end(config, it) for it in config.licenses.values())
    return min((it for it in ends if it is not None and it > now), default=None)


def is_foreign(article: Article) -> bool:
    """Whether somebody else published it first."""
    return article.source is not None or bool(article.origins)
