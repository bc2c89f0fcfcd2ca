"""The feeds and terms that a page announces, in its head and in its Link header (DSC-01, DSC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import rsl
from feeds.links import Link
from feeds.model import Format
from service import addresses, publish, signals, terms
from service.addresses import AUTHOR, by
from service.model import Selection

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config
    from service.model import Article
    from service.store import Transaction

EVERYTHING = Selection()
_NARROWEST = "report"  # the taxonomy whose categories stay with one question


def of_selection(config: Config, tx: Transaction, selection: Selection) -> list[Link]:
    """The selection's feed in every format, then the feed of everything."""
    found = [_feed(config, tx, selection, kind) for kind in Format]
    if selection != EVERYTHING:
        found.append(_feed(config, tx, EVERYTHING, Format.ATOM))
    return found


def of_article(config: Config, tx: Transaction, article: Article) -> list[Link]:
    """At most three, the most specific first: a report's or the first category's, the first author's, all."""
    categories = sorted(article.shown_under, key=lambda it: it.scheme != _NARROWEST)
    authors = [it for it in article.authors if it.withdrawal is None]
    selections = [
        *(by(category.scheme, category.slug) for category in categories[:1]),
        *(by(AUTHOR, str(author.slug)) for author in authors[:1]),
        EVERYTHING,
    ]
    return [_feed(config, tx, selection, Format.ATOM) for selection in selections]


def machine_terms(config: Config, now: datetime) -> Link | None:
    """The RSL document of the whole site, if there is one (LIC-06)."""
    if signals.whole_site(config, now) is None:
        return None
    return Link(addresses.machine_terms(config), "license", rsl.MEDIA_TYPE)


def machine_terms_of(config: Config, article: Article, now: datetime) -> Link | None:
    """The RSL document of an article, if its license speaks to machines."""
    said = signals.of_article(config, article, terms.of(config, article, now))
    return Link(said.document, "license", rsl.MEDIA_TYPE) if said and said.document else None


def _feed(config: Config, tx: Transaction, selection: Selection, kind: Format) -> Link:
    title = f"{publish.title(config, tx, selection)} ({kind.label})"
    return Link(addresses.feed(config, selection, kind), "alternate", kind.media_type, title)
