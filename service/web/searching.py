"""The page that searches, with the feed of what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from feeds import links
from service import addresses, words
from service.selection import SEARCH, Selection
from service.web import answers, discovery
from service.web.current import runtime, texts
from service.web.discovery import EVERYTHING
from service.web.listing import listing

if TYPE_CHECKING:
    from feeds.links import Link
    from service.config import Config
    from service.web.listing import Listing

searching = Blueprint("searching", __name__)


@searching.get(f"/{SEARCH}")
def search() -> Response:
    """What was asked for, as it was typed; its feed and its canonical address know it in one spelling."""
    config, asked = runtime().config, request.args.get("q", "").strip()
    query = words.query(asked)
    shown, alternates = _found(config, query)
    return answers.page(
        "search.html",
        {"Link": links.header(alternates)},
        alternates=alternates,
        heading=texts().say("Search: %(query)s", query=asked) if query else texts().say("Search"),
        description=None,
        canonical=shown.canonical if shown else addresses.search(config),
        asked=asked,
        longest=words.LONGEST,
        listing=shown,
    )


def _found(config: Config, query: words.Query | None) -> tuple[Listing | None, list[Link]]:
    with runtime().reading() as tx:
        if query is None:
            return None, discovery.of_selection(config, tx, EVERYTHING)
        found = listing(config, tx, Selection(query=str(query)), request.args.get("page"))
        return found, found.alternates
