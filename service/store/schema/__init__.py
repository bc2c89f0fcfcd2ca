"""The tables. What each holds and why stands beside it; the migrations make exactly these."""

from __future__ import annotations

from service.store.schema.base import FULL_TEXT, metadata
from service.store.schema.content import (
    articles,
    authors,
    bylines,
    categories,
    filings,
    former_slugs,
    lengths,
    media,
    origins,
    pictured,
    places,
    postings,
    shelves,
)
from service.store.schema.order import changes, positions, scopes
from service.store.schema.partners import tokens
from service.store.schema.service import audiences, beats, meta, settings, subscribers
from service.store.schema.syndication import (
    entries,
    fates,
    heads,
    hosts,
    listed,
    merges,
    polls,
    sources,
)

__all__ = [
    "FULL_TEXT",
    "articles",
    "audiences",
    "authors",
    "beats",
    "bylines",
    "categories",
    "changes",
    "entries",
    "fates",
    "filings",
    "former_slugs",
    "heads",
    "hosts",
    "lengths",
    "listed",
    "media",
    "merges",
    "meta",
    "metadata",
    "origins",
    "pictured",
    "places",
    "polls",
    "positions",
    "postings",
    "scopes",
    "settings",
    "shelves",
    "sources",
    "subscribers",
    "tokens",
]
