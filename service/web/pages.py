"""The pages people read: front, article, author, category, partner, indexes, terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, Response, request
from werkzeug.exceptions import Gone

from feeds import links
from service import addresses, publish
from service.addresses import AUTHOR, SOURCE, by
from service.errors import Moved, NotFound
from service.model import Article, Selection, Status
from service.store import articles, categories, people, sources
from service.store.tallying import Portion
from service.web import answers, catalog, current, discovery, structured
from service.web.anatomy import anatomy
from service.web.conditions import conditions
from service.web.current import runtime, texts
from service.web.discovery import EVERYTHING
from service.web.filters import day, static_url, teaser
from service.web.listing import listing
from service.web.paging import pager

if TYPE_CHECKING:
    from feeds.links import Link
    from service.store import Transaction

Item = TypeVar("Item")

_IN_INDEX = 100  # authors, partners or categories on a page of their index
_IN_RAIL = 12  # categories of a kind that the front page leads to

pages = Blueprint("pages", __name__)


@pages.errorhandler(Moved)
def moved(it: Moved) -> Response:
    """A page has one address, too."""
    return answers.redirect(addresses.page(runtime().config, it.selection))


@pages.get("/")
def front() -> Response:
    """The newest articles, and the way to all the others."""
    config = runtime().config
    with runtime().reading() as tx:
        shown = listing(config, tx, EVERYTHING, request.args.get("page"))
        shelves = [catalog.shelf(config, tx, field) for field in config.taxonomies]
        shelves = [it for it in shelves if it.items]
    return _page(
        "front.html",
        shown.alternates,
        heading=config.site.title,
        description=config.site.description,
        canonical=shown.canonical,
        listing=shown,
        shelves=shelves,
        most=_IN_RAIL,
    )


@pages.get("/favicon.ico")
def icon() -> Response:
    """Where the site's icon is: feed readers ask for it under this name, whatever pages say."""
    return answers.redirect(runtime().config.site.icon or static_url("icon.svg"))


@pages.get("/articles/<address:path>")
def article(path: str) -> Response:
    """One article with all that belongs to it; 410 once it was withdrawn."""
    config, now = runtime().config, runtime().clock.now()
    with runtime().reading() as tx:
        found = readable(articles.at(tx, path))
        linked = _with_articles(tx, found)
        alternates = discovery.of_article(config, tx, found)
    shown = anatomy(config, found, now)
    return _page(
        "article.html",
        alternates,
        discovery.machine_terms_of(config, found, now),
        heading=found.title,
        description=teaser(found),
        canonical=found.canonical_url or addresses.article(config, found),
        article=found,
        anatomy=shown,
        linked=linked,
        data=structured.news_article(config, found, shown.terms, teaser(found)),
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
    with runtime().reading() as tx:
        found = _existing(people.at(tx, slug))
    bio = addresses.settled(runtime().config, found.bio or "")
    return _listed(
        "author.html", by(AUTHOR, slug), kicker=texts().say("Authors"), author=found, bio=bio
    )


@pages.get("/source/<slug:slug>")
def source(slug: str) -> Response:
    """A partner, with all that came from it."""
    with runtime().reading() as tx:
        found = _existing(sources.at(tx, slug))
    settings = runtime().config.source(slug)
    home = (settings and settings.home) or found.feed_home
    return _listed("source.html", by(SOURCE, slug), kicker=texts().say("Partners"), home=home)


@pages.get("/<address:name>")
def selection(name: str) -> Response:
    """What a combination holds, or a selection that config.toml names."""
    return _listed("selection.html", current.selection(name))


@pages.get("/<slug:scheme>/<slug:slug>")
def category(scheme: str, slug: str) -> Response:
    """A category of any taxonomy, with all that is filed there."""
    taxonomy = runtime().config.taxonomies.get(scheme)
    if taxonomy is None:
        return selection(f"{scheme}/{slug}")
    with runtime().reading() as tx:
        found = _existing(categories.at(tx, scheme, slug))
    return _listed("category.html", by(scheme, slug), kicker=taxonomy.plural, category=found)


@pages.get("/<slug:field>/")
def index(field: str) -> Response:
    """Every author, every partner, or every category of a taxonomy."""
    config = runtime().config
    with runtime().reading() as tx:
        total = catalog.total(config, tx, field)
        at = pager(request.args.get("page"), size=_IN_INDEX, total=total)
        shelf = catalog.shelf(config, tx, field, Portion(at.size, at.offset))
        alternates = discovery.of_selection(config, tx, EVERYTHING)
    return _page(
        "index.html",
        alternates,
        heading=shelf.title,
        description=shelf.description,
        canonical=addresses.index(config, field, at.number),
        shelf=shelf,
        pager=at,
    )


@pages.get("/terms")
def terms() -> Response:
    """Who answers for what, and who may republish it."""
    config, now = runtime().config, runtime().clock.now()
    return _page(
        "terms.html",
        [],
        heading=texts().say("Terms and republishing"),
        description=config.site.disclaimer,
        canonical=addresses.terms(config),
        licenses=[conditions(name, it, now) for name, it in config.licenses.items()],
    )


def _listed(template: str, selection: Selection, **values: object) -> Response:
    """The page of an author, a partner or a category, whichever the selection names."""
    config = runtime().config
    with runtime().reading() as tx:
        subject = publish.subject(config, tx, selection)
        shown = listing(config, tx, selection, request.args.get("page"))
    return _page(
        template,
        shown.alternates,
        None,
        heading=subject.name,
        description=subject.description,
        canonical=shown.canonical,
        listing=shown,
        **values,
    )


def _page(
    template: str, alternates: list[Link], own_terms: Link | None = None, **values: object
) -> Response:
    """A page with what it announces: feeds, and its own machine terms or else the site's."""
    shown = own_terms or discovery.machine_terms(runtime().config, runtime().clock.now())
    announced = [*alternates, *([shown] if shown else [])]
    headers = {"Link": links.header(announced)} if announced else {}
    return answers.page(template, headers, alternates=alternates, machine_terms=shown, **values)


def _existing(found: Item | None) -> Item:
    if found is None:
        raise NotFound("there is nothing of that name")
    return found


def readable(found: Article | None) -> Article:
    """The article, if people may read it now.

    Raises:
        NotFound: It does not exist, or not yet.
        Gone: It was withdrawn.
    """
    it = _existing(found)
    if it.status is Status.RETRACTED and it.retracted is not None:
        withdrawn = texts().say("This article was withdrawn on %(date)s", date=day(it.retracted))
        raise Gone(
            f"{withdrawn}: {it.retraction_reason}" if it.retraction_reason else f"{withdrawn}."
        )
    if it.status is not Status.PUBLISHED:
        raise NotFound("there is nothing of that name")
    return it
