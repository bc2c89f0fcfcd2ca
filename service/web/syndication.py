"""Feeds over HTTP, and the list of all of them as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from feeds import links, opml
from feeds.links import Link
from feeds.model import Format
from feeds.opml import Outline, Outlines
from service import addresses, publish
from service.web import catalog
from service.web.answers import Document, answer, digest
from service.web.current import runtime
from service.web.discovery import EVERYTHING

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config
    from service.model import Selection
    from service.web.catalog import Shelf

FEED_SECONDS = 300
RENDERED = "feedwright.rendered"  # in the WSGI environment: a list that takes what was rendered
_STALE = "stale-while-revalidate=60, stale-if-error=86400"
_HEADERS = {"Accept-Ranges": "none", "Content-Security-Policy": "sandbox"}
_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "A-IM, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_OPML = "text/x-opml; charset=utf-8"
_CHARSETS = {Format.ATOM: "; charset=utf-8", Format.RSS: "; charset=utf-8", Format.JSON: ""}

syndication = Blueprint("syndication", __name__)


@syndication.get("/feeds/<address:name>.<any(atom, rss, json):extension>")
def feed(name: str, extension: str) -> Response:
    """A selection in one format; the query has no say in it (HTTP-23)."""
    selection, kind = publish.parse(runtime().config, name), Format(extension)
    rendered = publish.rendered(runtime(), selection, kind)
    request.environ.get(RENDERED, []).append(rendered)
    document = Document(
        rendered.body,
        rendered.media_type + _CHARSETS[kind],
        rendered.etag,
        rendered.last_modified,
    )
    headers = {
        "Cache-Control": cache_control(rendered.good_until, runtime().clock.now()),
        "Link": links.header(_links(runtime().config, selection, kind)),
    }
    return answer(document, {**_HEADERS, **headers})


def cache_control(good_until: datetime | None, now: datetime) -> str:
    """How long a feed may be kept: never beyond the moment time alone will change it (HTTP-09)."""
    left = FEED_SECONDS if good_until is None else int((good_until - now).total_seconds())
    return f"public, max-age={max(0, min(FEED_SECONDS, left))}, {_STALE}"


def _links(config: Config, selection: Selection, kind: Format) -> list[Link]:
    """The feed itself, its page, and the same in the other formats (HTTP-24)."""
    others = [other for other in Format if other is not kind]
    return [
        Link(addresses.feed(config, selection, kind), "self", kind.media_type),
        Link(addresses.page(config, selection), "alternate", "text/html"),
        *(
            Link(addresses.feed(config, selection, other), "alternate", other.media_type)
            for other in others
        ),
    ]


@syndication.after_app_request
def share(response: Response) -> Response:
    """Let scripts of other sites read every answer of a feed's address, and ask conditionally (HTTP-15).

    Browsers send OPTIONS first.
    """
    if request.path.startswith(("/feeds/", "/feeds.opml")):
        response.headers.update(_SHARED)
        if request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT)
    return response


@syndication.get("/feeds.opml")
def outline() -> Response:
    """Every feed there is, grouped as on the page of all feeds (OPM-02, OPM-03)."""
    config = runtime().config
    with runtime().store.reading() as tx:
        shelves = catalog.shelves(config, tx)
    body = opml.write_opml(_outlines(config, shelves))
    headers = {"Cache-Control": cache_control(None, runtime().clock.now())}
    return answer(Document(body, _OPML, digest(body)), {**_HEADERS, **headers})


def _outlines(config: Config, shelves: list[Shelf]) -> Outlines:
    site = config.site
    groups = [
        Outline(
            text=shelf.title,
            children=tuple(
                _outline(config, it.label, it.selection, it.description) for it in shelf.items
            ),
        )
        for shelf in shelves
    ]
    newest = [it.newest for shelf in shelves for it in shelf.items if it.newest]
    return Outlines(
        title=f"Feeds of {site.title}",
        outlines=(_outline(config, site.title, EVERYTHING, site.description), *groups),
        modified=max(newest, default=None),
        owner=site.publisher or site.title,
        owner_email=site.contacts.editor,
        owner_url=f"{site.public_url}/",
    )


def _outline(config: Config, name: str, selection: Selection, about: str | None) -> Outline:
    """A feed; readers know Atom under the type "rss" as well (OPM-01)."""
    return Outline(
        text=name,
        title=name,
        xml_url=addresses.feed(config, selection, Format.ATOM),
        html_url=addresses.page(config, selection),
        description=about,
        language=config.site.language,
        type="rss",
    )
