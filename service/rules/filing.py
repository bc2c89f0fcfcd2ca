"""Under which of our categories an entry's article is filed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds.text import slugify
from service.model import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Category as Term
    from service.config import Config, SourceSettings


def categories_of(
    terms: Iterable[Term], settings: SourceSettings, config: Config
) -> Iterator[Category]:
    """The source's own categories, then every upstream term that config.toml declares, if still open."""
    wanted = [(scheme, slug) for scheme, slugs in settings.categories.items() for slug in slugs]
    wanted += [found for term in terms for found in _recognised(term, config)]
    for scheme, slug in dict.fromkeys(wanted):
        known = config.taxonomies[scheme].terms.get(slug)
        if known and known.closed:
            continue
        label = known.label if known else slug.replace("-", " ").capitalize()
        yield Category(
            scheme=scheme,
            slug=slug,
            label=label,
            description=known.description if known else None,
        )


def _recognised(term: Term, config: Config) -> Iterator[tuple[str, str]]:
    """Where a term belongs here: its scheme ends in a taxonomy's name, or it names no scheme."""
    slugs = {slugify(term.term, ""), slugify(term.label or "", "")}
    hint = urlsplit(term.scheme).path.rstrip("/").rpartition("/")[2] if term.scheme else None
    for scheme, taxonomy in config.taxonomies.items():
        if hint is None or hint == scheme or term.scheme == taxonomy.iri:
            yield from ((scheme, slug) for slug in taxonomy.terms if slug in slugs)
