"""Under which of our categories an entry's article is filed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds.text import slugify
from service.config.sourcing import folded
from service.model import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.model import Category as Term
    from service.config import Config, SourceSettings


def categories_of(
    terms: Iterable[Term], settings: SourceSettings, config: Config
) -> Iterator[Category]:
    """The source's own categories, then where upstream terms belong: by its `terms`, or as declared.

    Nothing is filed where nothing more may be.
    """
    wanted = [(scheme, slug) for scheme, slugs in settings.categories.items() for slug in slugs]
    wanted += [place for term in terms for place in _places(term, settings, config)]
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


def unmapped(terms: Iterable[Term], settings: SourceSettings, config: Config) -> Iterator[str]:
    """The upstream terms that are filed nowhere, and that nobody has said to leave out."""
    for term in terms:
        if _mapped(term, settings) is None and not any(_recognised(term, config)):
            yield term.label or term.term


def _places(term: Term, settings: SourceSettings, config: Config) -> Iterable[tuple[str, str]]:
    mapped = _mapped(term, settings)
    return _recognised(term, config) if mapped is None else mapped


def _mapped(term: Term, settings: SourceSettings) -> tuple[tuple[str, str], ...] | None:
    """Where the source's `terms` file it; None when they do not name it."""
    if not settings.filed:
        return None
    names = (folded(it) for it in (term.term, term.label) if it)
    return next((settings.filed[it] for it in names if it in settings.filed), None)


def _recognised(term: Term, config: Config) -> Iterator[tuple[str, str]]:
    """Where a term belongs here: its scheme ends in a taxonomy's name, or it names no scheme."""
    slugs = {slugify(term.term, ""), slugify(term.label or "", "")}
    hint = urlsplit(term.scheme).path.rstrip("/").rpartition("/")[2] if term.scheme else None
    for scheme, taxonomy in config.taxonomies.items():
        if hint is None or hint == scheme or term.scheme == taxonomy.iri:
            yield from ((scheme, slug) for slug in taxonomy.terms if slug in slugs)
