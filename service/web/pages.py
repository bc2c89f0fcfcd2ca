"""The pages people read: front, article, author, category, partner, indexes, feed directory, terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, Response, request
from werkzeug.exceptions import Gone

from feeds import links
from service import addresses, publish
from service.addresses import AUTHOR, SOURCE, by
from service.errors import NotFound
from service.model import Article, Selection, Status
from service.store import articles, categories, people, sources
from service.web import answers, catalog, discovery
from service.web.anatomy import anatomy
from service.web.current import runtime
from service.web.discovery import EVERYTHING
from service.web.filters import day, teaser
from service.web.listing import listing

if TYPE_CHECKING:
    from feeds.links import Link
    from service.store import Transaction

Item = TypeVar("Item")

pages = Blueprint("pages", __name__)


@pages.get("/")
def front() -> Response:
    """The newest articles, and the way to all the others."""
    config = runtime().config
    with runtime().store.reading() as tx:
        shown = listing(config, tx, EVERYTHING, request.args.get("page"))
        shelves = [catalog.shelf(config, tx, field) for field in config.taxonomies]
    return _page(
        "front.html",
        shown.alternates,
        heading=config.site.title,
        description=config.site.description,
        canonical=shown.canonical,
        listing=shown,
        shelves=shelves,
    )


@pages.get("/articles/<address:path>")
def article(path: str) -> Response:
    """One article with all that belongs to it; 410 once it was withdrawn."""
    config = runtime().config
    with runtime().store.reading() as tx:
        found = _readable(articles.at(tx, path))
        linked = _with_articles(tx, found)
        alternates = discovery.of_article(config, tx, found)
    return _page(
        "article.html",
        alternates,
        heading=found.title,
        description=teaser(found),
        canonical=found.canonical_url or addresses.article(config, found),
        article=found,
        anatomy=anatomy(config, found),
        linked=linked,
    )


def _with_articles(tx: Transaction, article: Article) -> set[str]:
    """The slugs of those named beside the authors who have articles of their own to be led to."""
    note = article.editors_note
    named = [credit.author for credit in article.contributors]
    named += [note.author] if note and note.author else []
    slugs = {str(it.slug) for it in named}
    return {slug for slug in slugs if articles.count(tx, by(AUTHOR, slug))}


@pages.get("/author/<slug:slug>")
def author(slug: str) -> Response:
    """A person or an organisation, with all their articles."""
    with runtime().store.reading() as tx:
        found = _existing(people.at(tx, slug))
    bio = addresses.settled(runtime().config, found.bio or "")
    shown = by(AUTHOR, str(found.slug))
    return _listed("author.html", shown, kicker="Authors", author=found, bio=bio)


@pages.get("/source/<slug:slug>")
def source(slug: str) -> Response:
    """A partner, with all that came from it."""
    with runtime().store.reading() as tx:
        found = _existing(sources.at(tx, slug))
    settings = runtime().config.source(slug)
    home = (settings and settings.home) or found.feed_home
    return _listed("source.html", by(SOURCE, slug), kicker="Partners", home=home)


@pages.get("/<slug:scheme>/<slug:slug>")
def category(scheme: str, slug: str) -> Response:
    """A category of any taxonomy, with all that is filed there."""
    taxonomy = _existing(runtime().config.taxonomies.get(scheme))
    with runtime().store.reading() as tx:
        found = _existing(categories.at(tx, scheme, slug))
    return _listed("category.html", by(scheme, slug), kicker=taxonomy.plural, category=found)


@pages.get("/<slug:field>/")
def index(field: str) -> Response:
    """Every author, every partner, or every category of a taxonomy."""
    config = runtime().config
    with runtime().store.reading() as tx:
        shelf = catalog.shelf(config, tx, field)
        alternates = discovery.of_selection(config, tx, EVERYTHING)
    return _page(
        "index.html",
        alternates,
        heading=shelf.title,
        description=shelf.description,
        canonical=addresses.index(config, field),
        shelf=shelf,
    )


@pages.get("/feeds")
def directory() -> Response:
    """Every feed, its formats, and how to subscribe."""
    config = runtime().config
    with runtime().store.reading() as tx:
        shelves = catalog.shelves(config, tx)
        alternates = discovery.of_selection(config, tx, EVERYTHING)
    return _page(
        "feeds.html",
        alternates,
        heading="Feeds",
        description=f"Every feed of {config.site.title}, in Atom, RSS and JSON Feed.",
        canonical=addresses.directory(config),
        shelves=shelves,
    )


@pages.get("/terms")
def conditions() -> Response:
    """Who answers for what, and who may republish it."""
    config = runtime().config
    return _page(
        "terms.html",
        [],
        heading="Terms and republishing",
        description=config.site.disclaimer,
        canonical=addresses.terms(config),
        licenses=config.licenses,
    )


def _listed(template: str, selection: Selection, **values: object) -> Response:
    """The page of an author, a partner or a category, whichever the selection names."""
    config = runtime().config
    with runtime().store.reading() as tx:
        subject = publish.subject(tx, selection)
        shown = listing(config, tx, selection, request.args.get("page"))
    return _page(
        template,
        shown.alternates,
        heading=subject.name,
        description=subject.description,
        canonical=shown.canonical,
        listing=shown,
        **values,
    )


def _page(template: str, alternates: list[Link], **values: object) -> Response:
    headers = {"Link": links.header(alternates)} if alternates else {}
    return answers.page(template, headers, alternates=alternates, **values)


def _existing(found: Item | None) -> Item:
    if found is None:
        raise NotFound("there is nothing of that name")
    return found


def _readable(found: Article | None) -> Article:
    """The article, if people may read it now.

    Raises:
        NotFound: It does not exist, or not yet.
        Gone: It was withdrawn.
    """
    it = _existing(found)
    if it.status is Status.RETRACTED and it.retracted is not None:
        reason = f": {it.retraction_reason}" if it.retraction_reason else "."
        raise Gone(f"This article was withdrawn on {day(it.retracted)}{reason}")
    if it.status is not Status.PUBLISHED:
        raise NotFound("there is nothing of that name")
    return it
