"""Pure: the parts of an article's page that have to be worked out from the article and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.model import Media, MediaRole
from service import outgoing, republishing, terms
from service.addresses import AUTHOR, by
from service.terms import Extent

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config, Taxonomy
    from service.model import Article, Category, Selection
    from service.terms import Terms


class Anatomy(Struct, frozen=True):
    """What the page shows beside the article's own fields."""

    text: str  # and the note: HTML with its links where they lead now
    note: str | None
    filed: list[tuple[Taxonomy, list[Category]]]  # in the order of config.toml
    is_whole: bool  # or else the summary with a link to the original
    illustration: Media | None
    recordings: list[Media]  # that browsers play
    files: list[Media]  # other enclosures
    followed: list[
        tuple[str, Selection]
    ]  # what readers may want to follow: its authors and categories
    shows_origin: bool  # as the last line of the text
    rights: str | None
    terms: Terms
    may_be_copied: bool  # by others, in full or as a summary


def anatomy(config: Config, article: Article, now: datetime) -> Anatomy:
    """Work out the parts; a partner's text stands here in full only if its license says so."""
    held = terms.of(config, article, now)
    is_ours = not terms.is_foreign(article)
    is_whole = is_ours or held.extent is Extent.FULL
    text, note = outgoing.text(config, article), article.editors_note
    media = outgoing.media(config, article)
    enclosures = [it for it in media if it.role is MediaRole.ENCLOSURE]
    return Anatomy(
        text=text,
        note=outgoing.note_text(config, note) if note else None,
        filed=_filed(config, article),
        is_whole=is_whole,
        illustration=_illustration(media, text) if is_whole else None,
        recordings=[it for it in enclosures if _is_played(it)],
        files=[it for it in enclosures if not _is_played(it)],
        followed=_followed(article),
        shows_origin=outgoing.shows_origin(config, article),
        rights=article.rights or (config.site.rights if is_ours else None),
        terms=held,
        may_be_copied=republishing.refusal(held) is None,
    )


def _is_played(it: Media) -> bool:
    return (it.type or "").startswith(("audio/", "video/"))


def _followed(article: Article) -> list[tuple[str, Selection]]:
    people = [(it.name, by(AUTHOR, str(it.slug))) for it in article.authors if not it.withdrawal]
    return people + [(it.label, by(it.scheme, it.slug)) for it in article.shown_under]


def _filed(config: Config, article: Article) -> list[tuple[Taxonomy, list[Category]]]:
    shelves = (
        (taxonomy, [it for it in article.shown_under if it.scheme == scheme])
        for scheme, taxonomy in config.taxonomies.items()
    )
    return [(taxonomy, categories) for taxonomy, categories in shelves if categories]


def _illustration(media: tuple[Media, ...], text: str) -> Media | None:
    """The lead image, unless the text shows it already."""
    lead = next((it for it in media if it.role is MediaRole.ILLUSTRATION), None)
    return lead if lead and lead.url not in text else None
