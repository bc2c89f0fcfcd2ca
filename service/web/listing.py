"""One page of a selection: its articles, its number, its address, and the feeds it announces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service import addresses
from service.store import articles
from service.web import discovery
from service.web.paging import Pager, pager

if TYPE_CHECKING:
    from feeds.links import Link
    from service.config import Config
    from service.model import Article, Selection
    from service.store import Transaction


class Listing(Struct, frozen=True):
    """What every page with a list of articles shows."""

    selection: Selection
    number: int  # of all its articles
    articles: list[Article]
    pager: Pager
    canonical: str
    alternates: list[Link]


def listing(config: Config, tx: Transaction, selection: Selection, asked: str | None) -> Listing:
    """The page that `asked`, the text after ?page=, names; the first when it is None.

    Raises:
        NotFound: There is no such page.
    """
    number = articles.count(tx, selection)
    most = number if selection.query is None else min(number, articles.COUNTED)
    at = pager(asked, size=config.content.page_size, total=most)
    return Listing(
        selection,
        number,
        articles.select(tx, selection, limit=at.size, offset=at.offset),
        at,
        addresses.page(config, selection, at.number),
        discovery.of_selection(config, tx, selection),
    )
