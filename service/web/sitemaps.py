"""Sitemaps for search engines: an index, its parts, the news of two days (sitemaps.org, Google News).

An article or author stands in the part that its row id tells, so old parts stay as they are. Articles whose
canonical address is a partner's are left to the partner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from lxml import etree

from service import addresses
from service.addresses import AUTHOR
from service.errors import NotFound
from service.store import changelog, people, places
from service.web import catalog
from service.web.answers import Document, answer, digest
from service.web.current import runtime
from service.web.discovery import EVERYTHING
from service.web.filters import iso
from service.web.handing import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from service.config import Config
    from service.store import Transaction

_NEWS_AGE = timedelta(days=2)
_NEWS_MOST = 1_000
_FRESH = 3600  # seconds that caches may keep a list
_NEWS_KEPT = {"Cache-Control": "public, max-age=300"}
_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_NAMESPACES = {None: _MAP, "news": _NEWS}
_XML = "application/xml; charset=utf-8"

sitemaps = Blueprint("sitemaps", __name__)


@sitemaps.get("/sitemap.xml")
def index() -> Response:
    """The sitemaps there are; when each last changed, where that is known for certain."""
    config = runtime().config

    def write(tx: Transaction) -> bytes:
        names = ["pages", *_parts("authors", people.last_id(tx))]
        names += [*_parts("articles", places.last_id(tx)), "news"]
        changed = changelog.each_touched_at(tx, [places.scope(it) for it in names])
        found = [
            _place(addresses.sitemap(config, it), changed.get(places.scope(it))) for it in names
        ]
        return _written("sitemapindex", "sitemap", found)

    return listed(write, _XML, _FRESH)


def _parts(kind: str, last: int) -> list[str]:
    return [f"{kind}-{number}" for number in range(1, _number(last) + 1)]


def _number(last: int) -> int:
    """How many parts there are up to that row id."""
    return -(-last // places.PART)


@sitemaps.get("/sitemaps/pages.xml")
def lists() -> Response:
    """The front page and every page with a list but those of authors; the newest article is its date."""
    config = runtime().config
    return listed(lambda tx: _written("urlset", "url", _lists(config, tx)), _XML, _FRESH)


@sitemaps.get("/sitemaps/authors-<int:number>.xml")
def authors(number: int) -> Response:
    """The authors of a range of row ids."""
    root = f"{runtime().config.site.public_url}/{AUTHOR}/"

    def write(tx: Transaction) -> bytes:
        _require(number, people.last_id(tx))
        found = people.between(tx, above=(number - 1) * places.PART, upto=number * places.PART)
        return _written("urlset", "url", (_place(root + slug, newest) for slug, newest in found))

    return listed(write, _XML, _FRESH)


@sitemaps.get("/sitemaps/articles-<int:number>.xml")
def part(number: int) -> Response:
    """The articles of a range of row ids."""
    root = f"{runtime().config.site.public_url}/articles/"

    def write(tx: Transaction) -> bytes:
        _require(number, places.last_id(tx))
        found = places.between(tx, above=(number - 1) * places.PART, upto=number * places.PART)
        return _written("urlset", "url", (_place(root + it.path, it.updated) for it in found))

    return listed(write, _XML, _FRESH)


def _require(number: int, last: int) -> None:
    if not 0 < number <= _number(last):
        raise NotFound("there is no such sitemap")


@sitemaps.get("/sitemaps/news.xml")
def news() -> Response:
    """What was published within two days."""
    config = runtime().config
    root = f"{config.site.public_url}/articles/"
    with runtime().reading() as tx:
        newest = places.since(tx, runtime().clock.now() - _NEWS_AGE, limit=_NEWS_MOST)
    publication = {"name": config.site.title}
    found = [
        {
            "loc": root + it.path,
            "news": {
                "publication": publication | {"language": _language(config, it.language)},
                "publication_date": iso(it.published),
                "title": it.title,
            },
        }
        for it in newest
    ]
    body = _written("urlset", "url", found)
    return answer(Document(body, _XML, digest(body)), _NEWS_KEPT)


def _language(config: Config, tag: str | None) -> str:
    """The code that Google News knows a language by."""
    primary = (tag or config.site.language).lower()
    return primary if primary in ("zh-cn", "zh-tw") else primary.partition("-")[0]


def _lists(config: Config, tx: Transaction) -> list[dict[str, str]]:
    shelves = catalog.shelves(config, tx, without=AUTHOR)
    items = [it for shelf in shelves for it in shelf.items if it.articles]
    newest = max((it.newest for it in items if it.newest), default=None)
    fields = [it.field for it in shelves] + ([AUTHOR] if people.number(tx) else [])
    return [
        _place(addresses.page(config, EVERYTHING), newest),
        _place(addresses.directory(config), None),
        _place(addresses.terms(config), None),
        *(_place(addresses.index(config, field), None) for field in fields),
        *(_place(addresses.page(config, it.selection), it.newest) for it in items),
    ]


def _place(address: str, changed: datetime | None) -> dict[str, str]:
    return {"loc": address} | ({"lastmod": iso(changed)} if changed else {})


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
