"""Pure: the public address of everything, always built on the configured public URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from service import words
from service.model import Selection, Term
from service.selection import AUTHOR as AUTHOR
from service.selection import SEARCH
from service.selection import SOURCE as SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Format
    from service.config import Config
    from service.model import Article, Author, Category

OWN = "https://own.invalid/"  # stands in stored texts for the public URL, so that the site can move

_LONGEST = 4_000  # characters of a query string
_MOST_FIELDS = 20


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
    address = f"{config.site.public_url}/feeds/{selection.path}.{kind.value}"
    return address + _asked(selection)


def document(config: Config, selection: Selection, kind: Format, archive: int | None = None) -> str:
    """The same, or one of the archives of what was once in it."""
    if archive is None:
        return feed(config, selection, kind)
    return f"{config.site.public_url}/feeds/{selection.path}/archive/{archive}.{kind.value}"


def page(config: Config, selection: Selection, number: int = 1) -> str:
    """The page that shows what the feed of a selection holds; the others of its pages by their number."""
    path = "" if selection == Selection() else selection.path
    return f"{config.site.public_url}/{path}{_asked(selection, number)}"


def _asked(selection: Selection, number: int = 1) -> str:
    asked = {"q": selection.query, "page": number if number > 1 else None}
    said = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"?{said}" if said else ""


def search_key(path: str, query_string: str) -> str | None:
    """What the answer to a search is kept under; None where it is not asked for in canonical spelling.

    Other parameters change nothing (HTTP-23).
    """
    if len(query_string) > _LONGEST:
        return None
    try:
        asked = parse_qs(query_string, max_num_fields=_MOST_FIELDS).get("q", [""])[0]
    except ValueError:  # too many
        return None
    found = words.query(asked)
    return f"{path}?q={asked}" if found is not None and str(found) == asked else None


def index(config: Config, field: str, number: int = 1) -> str:
    """The page that lists every author, partner or category of a taxonomy; the others by their number."""
    return f"{config.site.public_url}/{field}/{f'?page={number}' if number > 1 else ''}"


def search(config: Config) -> str:
    """The page that searches."""
    return f"{config.site.public_url}/{SEARCH}"


def subscribe(config: Config, selection: Selection) -> str:
    """The page on which people subscribe to the feed of a selection."""
    return f"{config.site.public_url}/subscribe/{selection.path}{_asked(selection)}"


def subscribe_outline(config: Config, selection: Selection) -> str:
    """The feed of a selection as an OPML document of its own."""
    return f"{config.site.public_url}/subscribe/{selection.path}.opml{_asked(selection)}"


def directory(config: Config) -> str:
    """The page that lists every feed."""
    return f"{config.site.public_url}/feeds"


def outline(config: Config) -> str:
    """Every feed in one OPML document."""
    return f"{config.site.public_url}/feeds.opml"


def feed_style(config: Config) -> str:
    """How feeds look in a browser: without scheme and host, so that no other site is asked for it."""
    return f"{urlsplit(config.site.public_url).path}/feeds.css"


def sitemap(config: Config, name: str = "") -> str:
    """The index of all sitemaps, or one of them."""
    return f"{config.site.public_url}/{f'sitemaps/{name}' if name else 'sitemap'}.xml"


def terms(config: Config) -> str:
    """The page on who answers for what, and who may republish it."""
    return f"{config.site.public_url}/terms"


def license_terms(config: Config, name: str) -> str:
    """Where people read the terms of one license."""
    return f"{terms(config)}#license-{name}"


def republishing(config: Config, it: Article) -> str:
    """The page with an article as others may republish it."""
    return f"{article(config, it)}/republish"


def partner_feed(config: Config, token: str, kind: Format) -> str:
    """The feed of a partner, at the address that its token makes."""
    return f"{config.site.public_url}/partner/{token}/feed.{kind.value}"


def machine_terms(config: Config) -> str:
    """The RSL document of the whole site."""
    return f"{config.site.public_url}/license.xml"


def machine_terms_of(config: Config, it: Article) -> str:
    """The RSL document of one article."""
    return f"{article(config, it)}/license.xml"


def article_path(published: datetime, slug: str) -> str:
    """The path minted for an article published then: "2026/11/slug"."""
    return f"{published:%Y/%m}/{slug}"


def settled(config: Config, html: str) -> str:
    """A stored text with its links to the site's own pages on the public URL."""
    return html.replace(OWN, f"{config.site.public_url}/")


def by(field: str, slug: str) -> Selection:
    """The selection of one author, source or category."""
    return Selection((Term(field, (slug,)),))
