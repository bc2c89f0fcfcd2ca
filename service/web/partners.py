"""Partners' feeds over HTTP: the address is the secret, and what stands there is for nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.exceptions import Gone
from werkzeug.routing import BaseConverter

from feeds import links
from feeds.model import Format
from service import addresses
from service import partners as work
from service.web import discovery
from service.web.answers import Document, answer, unchanged
from service.web.current import runtime, texts
from service.web.syndication import media_type

if TYPE_CHECKING:
    from flask import Flask

_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox",
}

partners = Blueprint("partners", __name__)


class Token(BaseConverter):
    """The secret in an address."""

    regex = f"{work.PREFIX}[A-Za-z0-9_-]{{43}}"


def register(app: Flask) -> None:
    """Serve partners' feeds."""
    app.url_map.converters["token"] = Token
    app.register_blueprint(partners)


@partners.get("/partner/<token:secret>/feed.<any(atom, rss, json):extension>")
def feed(secret: str, extension: str) -> Response:
    """The partner's feed; 404 for a token that nobody has, 410 for one that was revoked."""
    kind = Format(extension)
    partner = work.admitted(runtime(), secret)
    if partner is None:
        raise Gone(texts().say("This address is no longer in use."))
    address = addresses.partner_feed(runtime().config, secret, kind)
    licensed = discovery.machine_terms(runtime().config, runtime().clock.now())
    headers = {"Link": links.header([licensed])} if licensed else {}
    known = work.tag(runtime(), address)
    if known and (held := unchanged(known.etag, known.last_modified, headers)):
        return held
    made = work.feed(runtime(), partner, kind, address)
    document = Document(made.body, media_type(kind), made.tag.etag, made.tag.last_modified)
    return answer(document, headers)


@partners.after_request
def keep_private(response: Response) -> Response:
    """No cache that others share keeps it, no search engine lists it, no page learns of it."""
    response.headers.update(_HEADERS)
    return response
