"""Feeds over HTTP, and the list of all of them as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from msgspec.structs import replace

from feeds import links, opml
from feeds.links import Link
from feeds.model import Format
from feeds.opml import Outline, Outlines
from service import addresses, newsroom, publish
from service.contents import FEED_SECONDS
from service.errors import Moved
from service.web import catalog, current, discovery
from service.web.answers import OPML, Document, answer, digest, redirect
from service.web.current import runtime, texts
from service.web.discovery import EVERYTHING
from service.web.handing import handed, listed
from service.web.subscribing import outline_of

if TYPE_CHECKING:
    from service.config import Config
    from service.runtime import Runtime
    from service.store import Transaction
    from service.web.catalog import Shelf

FEED = "syndication.feed"  # the endpoint of every feed
STYLE_SECONDS = 24 * 3600
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
_CSS = "text/css; charset=utf-8"
_CHARSETS = {Format.ATOM: "; charset=utf-8", Format.RSS: "; charset=utf-8", Format.JSON: ""}

syndication = Blueprint("syndication", __name__)


@syndication.get("/feeds/<address:name>.<any(atom, rss, json):extension>")
@syndication.get("/feeds/<address:name>/archive/<ordinal:archive>.<any(atom, rss, json):extension>")
def feed(name: str, extension: str, archive: int | None = None) -> Response:
    """A selection in one format, or one of its archives; the query has no say in it (HTTP-23)."""
    selection, kind = current.selection(name), Format(extension)
    rendered = publish.rendered(runtime(), selection, kind, archive)
    if rendered.good_until is not None and rendered.good_until <= runtime().clock.now():
        newsroom.settle_if_possible(runtime())
        rendered = publish.rendered(runtime(), selection, kind, archive)
    return _answered(rendered, kind)


def _answered(rendered: publish.Rendered, kind: Format) -> Response:
    """Answer with a feed."""
    link = links.header([*rendered.links, *_terms(runtime())])
    whole = replace(rendered, media_type=media_type(kind))
    return handed(whole, {**_HEADERS, "Link": link})


def media_type(kind: Format) -> str:
    """The whole Content-Type of a format."""
    return kind.media_type + _CHARSETS[kind]


def _terms(it: Runtime) -> list[Link]:
    """The machine terms of the whole site (HTTP-24)."""
    said = discovery.machine_terms(it.config, it.clock.now())
    return [said] if said else []


@syndication.errorhandler(Moved)
def moved(it: Moved) -> Response:
    """The feed has one address: readers take over where it is (HTTP-17)."""
    asked = request.view_args or {}
    kind, archive = Format(asked["extension"]), asked.get("archive")
    return redirect(addresses.document(runtime().config, it.selection, kind, archive))


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


@syndication.get("/feeds.css")
def style() -> Response:
    """How a feed looks that is opened in a browser, since browsers show XML as it comes (XSL-03)."""
    body = render_template("feed.css").encode()
    kept = {"Cache-Control": f"public, max-age={STYLE_SECONDS}"}
    return answer(Document(body, _CSS, digest(body)), kept)


@syndication.get("/feeds.opml")
def outline() -> Response:
    """Every feed there is, grouped as on the page of all feeds (OPM-02, OPM-03)."""
    config = runtime().config

    def write(tx: Transaction) -> bytes:
        return opml.write_opml(_outlines(config, catalog.shelves(config, tx)))

    itself = Link(addresses.outline(config), "self", "text/x-opml")
    link = links.header([itself, *_terms(runtime())])
    return listed(write, OPML, FEED_SECONDS, {**_HEADERS, "Link": link})


def _outlines(config: Config, shelves: list[Shelf]) -> Outlines:
    site = config.site
    groups = [
        Outline(
            text=shelf.title,
            children=tuple(
                outline_of(config, it.label, it.selection, it.description) for it in shelf.items
            ),
        )
        for shelf in shelves
    ]
    newest = [it.newest for shelf in shelves for it in shelf.items if it.newest]
    return Outlines(
        title=texts().say("Feeds of %(name)s", name=site.title),
        outlines=(outline_of(config, site.title, EVERYTHING, site.description), *groups),
        modified=max(newest, default=None),
        owner=site.publisher or site.title,
        owner_email=site.contacts.editor,
        owner_url=f"{site.public_url}/",
    )
