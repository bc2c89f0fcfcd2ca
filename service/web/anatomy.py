"""Pure: the parts of an article's page that have to be worked out from the article and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feeds.model import Media, MediaRole
from service import outgoing, terms
from service.terms import Extent

if TYPE_CHECKING:
    from service.config import Config, License, Taxonomy
    from service.model import Article, Category


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What the page shows beside the article's own fields."""

    text: str  # and the note: HTML with its links where they lead now
    note: str | None
    filed: list[tuple[Taxonomy, list[Category]]]  # in the order of config.toml
    is_whole: bool  # or else the summary with a link to the original
    illustration: Media | None
    enclosures: list[Media]
    shows_origin: bool  # as the last line of the text
    rights: str | None
    license: License | None


def anatomy(config: Config, article: Article) -> Anatomy:
    """Work out the parts; a partner's text stands here in full only if its license says so."""
    held = terms.of(config, article)
    is_ours = not terms.is_foreign(article)
    is_whole = is_ours or held.extent is Extent.FULL
    text, note = outgoing.text(config, article), article.editors_note
    return Anatomy(
        text=text,
        note=outgoing.note_text(config, note) if note else None,
        filed=_filed(config, article),
        is_whole=is_whole,
        illustration=_illustration(article, text) if is_whole else None,
        enclosures=[it for it in article.media if it.role is MediaRole.ENCLOSURE],
        shows_origin=outgoing.shows_origin(config, article),
        rights=article.rights or (config.site.rights if is_ours else None),
        license=held.license,
    )


def _filed(config: Config, article: Article) -> list[tuple[Taxonomy, list[Category]]]:
    shelves = (
        (taxonomy, [it for it in article.categories if it.scheme == scheme])
        for scheme, taxonomy in config.taxonomies.items()
    )
    return [(taxonomy, categories) for taxonomy, categories in shelves if categories]


def _illustration(article: Article, text: str) -> Media | None:
    """The lead image, unless the text shows it already."""
    lead = next((it for it in article.media if it.role is MediaRole.ILLUSTRATION), None)
    return lead if lead and lead.url not in text else None
