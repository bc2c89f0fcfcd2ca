"""The feeds a page announces, in its head and in its Link header (DSC-01, DSC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.links import Link
from feeds.model import Format
from service import addresses, publish
from service.addresses import AUTHOR, by
from service.model import Selection

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article
    from service.store import Transaction

EVERYTHING = Selection()
_NARROWEST = "report"  # the taxonomy whose categories stay with one question


def of_selection(config: Config, tx: Transaction, selection: Selection) -> list[Link]:
    """The selection's feed in every format, then the feed of everything."""
    found = [_feed(config, tx, selection, kind) for kind in Format]
    if selection.terms:
        found.append(_feed(config, tx, EVERYTHING, Format.ATOM))
    return found


def of_article(config: Config, tx: Transaction, article: Article) -> list[Link]:
    """At most three, the most specific first: a report's or the first category's, the first author's, all."""
    categories = sorted(article.categories, key=lambda it: it.scheme != _NARROWEST)
    selections = [
        *(by(category.scheme, category.slug) for category in categories[:1]),
        *(by(AUTHOR, str(author.slug)) for author in article.authors[:1]),
        EVERYTHING,
    ]
    return [_feed(config, tx, selection, Format.ATOM) for selection in selections]


def _feed(config: Config, tx: Transaction, selection: Selection, kind: Format) -> Link:
    title = f"{publish.title(config, tx, selection)} ({kind.label})"
    return Link(addresses.feed(config, selection, kind), "alternate", kind.media_type, title)
