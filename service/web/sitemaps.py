"""Sitemaps for search engines: an index, its parts, the news of two days (sitemaps.org, Google News).

An article stands in the part that its row id tells, so old parts stay as they are. Articles whose canonical
address is a partner's are left to the partner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from lxml import etree

from service import addresses
from service.errors import NotFound
from service.store import articles, places
from service.web import catalog
from service.web.answers import Document, answer, digest
from service.web.current import runtime
from service.web.discovery import EVERYTHING
from service.web.filters import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from service.config import Config
    from service.store import Transaction

PART = 50_000  # addresses in one sitemap, at most (sitemaps.org)
_NEWS_AGE = timedelta(days=2)
_NEWS_MOST = 1_000
_KEPT = {"Cache-Control": "public, max-age=3600"}
_NEWS_KEPT = {"Cache-Control": "public, max-age=300"}
_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_NAMESPACES = {None: _MAP, "news": _NEWS}
_XML = "application/xml; charset=utf-8"

sitemaps = Blueprint("sitemaps", __name__)


@sitemaps.get("/sitemap.xml")
def index() -> Response:
    """The sitemaps there are."""
    config = runtime().config
    with runtime().reading() as tx:
        last = -(-places.last_id(tx) // PART)
    names = ["pages", *(f"articles-{number}" for number in range(1, last + 1)), "news"]
    listed = [{"loc": addresses.sitemap(config, name)} for name in names]
    return _answered("sitemapindex", "sitemap", listed, _KEPT)


@sitemaps.get("/sitemaps/pages.xml")
def lists() -> Response:
    """The front page and every page with a list, the newest article of which is its date."""
    config = runtime().config
    with runtime().reading() as tx:
        listed = _lists(config, tx)
    return _answered("urlset", "url", listed[:PART], _KEPT)


@sitemaps.get("/sitemaps/articles-<int:number>.xml")
def part(number: int) -> Response:
    """The articles of a range of row ids."""
    config = runtime().config
    with runtime().reading() as tx:
        if not 0 < number <= -(-places.last_id(tx) // PART):
            raise NotFound("there is no such sitemap")
        found = places.between(tx, above=(number - 1) * PART, upto=number * PART)
    root = f"{config.site.public_url}/articles/"
    listed = [{"loc": root + it.path, "lastmod": iso(it.updated)} for it in found]
    return _answered("urlset", "url", listed, _KEPT)


@sitemaps.get("/sitemaps/news.xml")
def news() -> Response:
    """What was published within two days."""
    config = runtime().config
    with runtime().reading() as tx:
        since = runtime().clock.now() - _NEWS_AGE
        newest = articles.of(tx, places.since(tx, since, limit=_NEWS_MOST))
    publication = {"name": config.site.title}
    listed = [
        {
            "loc": addresses.article(config, it),
            "news": {
                "publication": publication | {"language": _language(config, it.language)},
                "publication_date": iso(it.published),
                "title": it.title,
            },
        }
        for it in newest
    ]
    return _answered("urlset", "url", listed, _NEWS_KEPT)


def _language(config: Config, tag: str | None) -> str:
    """The code that Google News knows a language by."""
    primary = (tag or config.site.language).lower()
    return primary if primary in ("zh-cn", "zh-tw") else primary.partition("-")[0]


def _lists(config: Config, tx: Transaction) -> list[dict[str, str]]:
    shelves = catalog.shelves(config, tx)
    items = [it for shelf in shelves for it in shelf.items if it.articles]
    newest = max((it.newest for it in items if it.newest), default=None)
    return [
        _place(addresses.page(config, EVERYTHING), newest),
        _place(addresses.directory(config), None),
        _place(addresses.terms(config), None),
        *(_place(addresses.index(config, shelf.field), None) for shelf in shelves),
        *(_place(addresses.page(config, it.selection), it.newest) for it in items),
    ]


def _place(address: str, changed: datetime | None) -> dict[str, str]:
    return {"loc": address} | ({"lastmod": iso(changed)} if changed else {})


def _answered(
    root: str, element: str, listed: Iterable[Mapping[str, object]], headers: Mapping[str, str]
) -> Response:
    body = _written(root, element, listed)
    return answer(Document(body, _XML, digest(body)), headers)


def _written(root: str, element: str, listed: Iterable[Mapping[str, object]]) -> bytes:
    whole = etree.Element(f"{{{_MAP}}}{root}", nsmap=_NAMESPACES)  # type: ignore[arg-type]  # the stubs know no default namespace
    for place in listed:
        _add(whole, _MAP, element, place)
    return etree.tostring(whole, encoding="UTF-8", xml_declaration=True)


def _add(parent: etree._Element, namespace: str, name: str, content: object) -> None:
    """Add an element with a text, or with the elements that a mapping names; "news" is of Google."""
    inner = _NEWS if name == "news" else namespace
    made = etree.SubElement(parent, f"{{{inner}}}{name}")
    if isinstance(content, dict):
        for key, value in content.items():
            _add(made, inner, key, value)
    else:
        made.text = str(content)
