"""Pure: the public address of everything, always built on the configured public URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.model import Selection, Term

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Format
    from service.config import Config
    from service.model import Article, Author, Category

OWN = "https://own.invalid/"  # stands in stored texts for the public URL, so that the site can move
AUTHOR = "author"
SOURCE = "source"


def article(config: Config, it: Article) -> str:
    """The page of an article."""
    return f"{config.site.public_url}/articles/{it.path}"


def author(config: Config, it: Author) -> str:
    """The page of an author."""
    return f"{config.site.public_url}/{AUTHOR}/{it.slug}"


def category(config: Config, it: Category) -> str:
    """The page of a category."""
    return f"{config.site.public_url}/{it.scheme}/{it.slug}"


def scheme(config: Config, name: str) -> str:
    """The IRI of a taxonomy, as feeds name it."""
    taxonomy = config.taxonomies.get(name)
    return (taxonomy.iri if taxonomy else None) or f"{config.site.public_url}/{name}"


def feed(config: Config, selection: Selection, kind: Format) -> str:
    """The feed of a selection in one format."""
    return f"{config.site.public_url}/feeds/{selection.path}.{kind.value}"


def page(config: Config, selection: Selection) -> str:
    """The page that shows what the feed of a selection holds."""
    if not selection.terms:
        return f"{config.site.public_url}/"
    return f"{config.site.public_url}/{selection.path}"


def index(config: Config, field: str) -> str:
    """The page that lists every author, partner or category of a taxonomy."""
    return f"{config.site.public_url}/{field}/"


def directory(config: Config) -> str:
    """The page that lists every feed."""
    return f"{config.site.public_url}/feeds"


def outline(config: Config) -> str:
    """Every feed in one OPML document."""
    return f"{config.site.public_url}/feeds.opml"


def terms(config: Config) -> str:
    """The page on who answers for what, and who may republish it."""
    return f"{config.site.public_url}/terms"


def article_path(published: datetime, slug: str) -> str:
    """The path minted for an article published then: "2026/11/slug"."""
    return f"{published:%Y/%m}/{slug}"


def settled(config: Config, html: str) -> str:
    """A stored text with its links to the site's own pages on the public URL."""
    return html.replace(OWN, f"{config.site.public_url}/")


def by(field: str, slug: str) -> Selection:
    """The selection of one author, source or category."""
    return Selection((Term(field, (slug,)),))
