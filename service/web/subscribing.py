"""How people come to a feed: a page for each selection, and the same as OPML for a reader to import."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, request
from msgspec import Struct

from feeds import links, opml
from feeds.model import Format
from feeds.opml import Outline, Outlines
from service import addresses, publish
from service.errors import Moved
from service.store import archives, articles
from service.web import answers, current, discovery
from service.web.answers import Document, answer, digest, redirect
from service.web.current import runtime, texts

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Selection
    from service.publish import Subject

_SHOWN = 5  # of the latest articles
_READERS = {  # by name; what stands before the feed's address, percent-encoded
    "Feedbin": "https://feedbin.com/?subscribe=",
    "Feedly": "https://feedly.com/i/subscription/feed/",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}

subscribing = Blueprint("subscribing", __name__)


class Reader(Struct, frozen=True):
    """A feed reader on the web, and its page that takes a feed."""

    name: str
    address: str


@subscribing.get("/subscribe/<address:name>")
def subscribe(name: str) -> Response:
    """What the feed of a selection is, its addresses, its latest articles, and readers for it."""
    config, selection = runtime().config, current.selection(name)
    with runtime().reading() as tx:
        subject = publish.subject(config, tx, selection)
        wanted = articles.resolved(tx, selection)
        latest = articles.select(tx, wanted, limit=_SHOWN)
        number = articles.count(tx, wanted)
        newest = archives.closed(archives.last(tx, subject.numbered)) if subject.numbered else 0
        alternates = discovery.of_selection(config, tx, selection)
    heading = subject.name or config.site.title
    return answers.page(
        "subscribe.html",
        {"Link": links.header(alternates)},
        alternates=alternates,
        heading=texts().say("Subscribe to %(name)s", name=heading),
        name=heading,
        description=_about(config, subject),
        canonical=addresses.subscribe(config, selection),
        selection=selection,
        subject=subject,
        latest=latest,
        number=number,
        archives=newest,
        archive=addresses.document(config, selection, Format.ATOM, newest) if newest else None,
        readers=readers(addresses.feed(config, selection, Format.ATOM)),
    )


@subscribing.get("/feeds/<address:name>")
def ended(name: str) -> Response:
    """The address of a feed without its ending: the page that has all of them."""
    return redirect(addresses.subscribe(runtime().config, current.selection(name)))


@subscribing.get("/subscribe/<address:name>.opml")
def outline(name: str) -> Response:
    """The feed of a selection for readers that import lists (OPML 2.0)."""
    config, selection = runtime().config, current.selection(name)
    with runtime().reading() as tx:
        subject = publish.subject(config, tx, selection)
    entry = outline_of(
        config, subject.name or config.site.title, selection, _about(config, subject)
    )
    body = opml.write_opml(Outlines(title=entry.text, outlines=(entry,)))
    kept = {
        "Cache-Control": f"public, max-age={answers.PAGE_SECONDS}",
        "Content-Security-Policy": "sandbox",
    }
    return answer(Document(body, answers.OPML, digest(body)), kept)


@subscribing.errorhandler(Moved)
def moved(it: Moved) -> Response:
    """The page for a feed has one address, as the feed has, and so has its outline."""
    is_outline = request.endpoint == f"{subscribing.name}.{outline.__name__}"
    address = addresses.subscribe_outline if is_outline else addresses.subscribe
    return redirect(address(runtime().config, it.selection))


def readers(feed: str) -> list[Reader]:
    """The pages of well-known readers, in the order of their names, that subscribe to a feed."""
    return [Reader(name, before + quote(feed, safe="")) for name, before in _READERS.items()]


def outline_of(config: Config, name: str, selection: Selection, about: str | None) -> Outline:
    """A feed in OPML; readers know Atom under the type "rss" as well (OPM-01)."""
    return Outline(
        text=name,
        title=name,
        xml_url=addresses.feed(config, selection, Format.ATOM),
        html_url=addresses.page(config, selection),
        description=about,
        language=config.site.language,
        type="rss",
    )


def _about(config: Config, subject: Subject) -> str:
    """What the feed says of itself; one that has nothing to say tells what the site is about."""
    return subject.description or config.site.description
