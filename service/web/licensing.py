"""What others may do with our articles: robots.txt and RSL documents for machines, a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.exceptions import Forbidden

from feeds import rsl
from service import addresses, republishing, signals, terms
from service.errors import NotFound
from service.locales import marked
from service.republishing import Reason
from service.store import articles
from service.terms import Extent
from service.web.answers import PAGE_SECONDS, Document, answer, digest, page
from service.web.conditions import conditions
from service.web.current import runtime, texts
from service.web.pages import readable

if TYPE_CHECKING:
    from feeds.rsl import Asset
    from service.model import Article
    from service.terms import Terms

_HEADERS = {
    "Cache-Control": f"public, max-age={PAGE_SECONDS}",
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "sandbox",
}
_REASONS = {
    Reason.UNKNOWN: marked(
        "No terms for republishing this article are known, so it may not be copied."
    ),
    Reason.ENDED: marked("The terms under which this article could be republished have ended."),
    Reason.FORBIDDEN: marked("The license of this article does not allow others to republish it."),
}
_TEXT = "text/plain; charset=utf-8"
_RSL = f"{rsl.MEDIA_TYPE}; charset=utf-8"

licensing = Blueprint("licensing", __name__)


@licensing.get("/robots.txt")
def robots() -> Response:
    """Who may crawl what (RFC 9309), and where the machine terms stand."""
    body = signals.robots(runtime().config, runtime().clock.now()).encode()
    return answer(Document(body, _TEXT, digest(body)), _HEADERS)


@licensing.get("/license.xml")
def whole_site() -> Response:
    """The machine terms of the whole site; 404 where no license speaks to machines."""
    return _told(signals.whole_site(runtime().config, runtime().clock.now()))


@licensing.get("/articles/<article:path>/license.xml")
def of_article(path: str) -> Response:
    """The machine terms of one article."""
    config, now = runtime().config, runtime().clock.now()
    with runtime().reading() as tx:
        found = readable(articles.at(tx, path))
    said = signals.of_article(config, found, terms.of(config, found, now))
    place = signals.path(config, addresses.article(config, found))
    return _told(rsl.Asset(f"{place}$", said) if said else None)


@licensing.get("/articles/<article:path>/republish")
def republish(path: str) -> Response:
    """The article as others may republish it; 403 with the reason where they may not."""
    config, now = runtime().config, runtime().clock.now()
    with runtime().reading() as tx:
        found = readable(articles.at(tx, path))
    held = terms.of(config, found, now)
    reason = republishing.refusal(held)
    if reason or held.license is None or held.name is None:
        raise Forbidden(_refused(found, held, reason or Reason.UNKNOWN))
    return page(
        "republish.html",
        {"X-Robots-Tag": "noindex"},
        heading=texts().say("Republish: %(title)s", title=found.title),
        description=None,
        canonical=addresses.republishing(config, found),
        alternates=[],
        article=found,
        copy=republishing.copy(config, found, held),
        conditions=conditions(held.name, held.license, now),
        contact=republishing.contact(config, found, held),
        is_whole=held.republish is Extent.FULL,
    )


def _refused(article: Article, held: Terms, reason: Reason) -> str:
    """Why, and whom to ask."""
    say = texts().say
    parts = [say(_REASONS[reason])]
    if mail := republishing.contact(runtime().config, article, held):
        parts.append(say("To ask for permission, write to %(mail)s.", mail=mail))
    elif article.origin:
        origin = article.origin
        home = f" ({origin.home or origin.url})" if origin.home or origin.url else ""
        parts.append(say("Please ask %(publisher)s.", publisher=f"{origin.title}{home}"))
    return " ".join(parts)


def _told(asset: Asset | None) -> Response:
    if asset is None:
        raise NotFound("no license says anything to machines here")
    body = rsl.write_rsl([asset])
    return answer(Document(body, _RSL, digest(body)), _HEADERS)
