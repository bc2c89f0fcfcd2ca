"""The page of all feeds, with the builder for those that combine authors, categories and partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from msgspec import Struct

from feeds import links
from service import addresses, publish, subjects
from service.errors import Moved, NotFound
from service.selection import LANGUAGE, MOST_SLUGS, NAMED
from service.store import articles
from service.web import answers, builder, catalog, discovery
from service.web.catalog import Shelf
from service.web.current import runtime, texts
from service.web.discovery import EVERYTHING
from service.words import LONGEST

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article, Selection
    from service.store import Transaction

_SHOWN = 3  # of the newest articles
_MOST = 30  # feeds of a kind that the page lists; the others stand in the index of that kind

directory = Blueprint("directory", __name__)


class Built(Struct, frozen=True, kw_only=True):
    """What the builder has to show: a feed, or why there is none."""

    problem: str | None = None
    selection: Selection = EVERYTHING
    name: str = ""
    articles: int = 0
    newest: tuple[Article, ...] = ()


@directory.get("/feeds")
def feeds() -> Response:
    """Every feed, its formats, how to subscribe, and the feed that was put together in the form."""
    config = runtime().config
    given = dict(request.args.lists())
    asked = request.args.get(builder.WORDS, "").strip()
    with runtime().reading() as tx:
        shelves = catalog.shelves(config, tx, builder.SUGGESTED)
        alternates = discovery.of_selection(config, tx, EVERYTHING)
        built = _built(config, tx, builder.chosen(given, subjects.fields(config)), asked)
    return answers.page(
        "feeds.html",
        {"Link": links.header(alternates)},
        alternates=alternates,
        heading=texts().say("Feeds"),
        description=texts().say(
            "Every feed of %(title)s, in Atom, RSS and JSON Feed.", title=config.site.title
        ),
        canonical=addresses.directory(config),
        shelves=shelves,
        offers=builder.offers([*_combinable(shelves), _languages()], given),
        asked=asked,
        longest=LONGEST,
        built=built,
        most=_MOST,
    )


def _combinable(shelves: list[Shelf]) -> list[Shelf]:
    """Those whose feeds can be combined with others: named selections stand alone."""
    return [it for it in shelves if it.field != NAMED]


def _languages() -> Shelf:
    """Languages are typed: there is no list of those that articles are written in."""
    return Shelf(field=LANGUAGE, title=texts().say("Language, such as “fr”"), items=(), total=0)


def _built(config: Config, tx: Transaction, chosen: Selection, asked: str) -> Built | None:
    """The feed of what was chosen and asked for; None before anything was."""
    if chosen == EVERYTHING:
        problem = texts().say("That cannot be searched for: it says nothing, or too much.")
        return Built(problem=problem) if asked else None
    if chosen.terms and asked:
        problem = texts().say(
            "A feed goes by words or by what is ticked: please leave one of them."
        )
        return Built(problem=problem)
    if builder.is_too_much(chosen):
        problem = texts().say(
            "You have chosen %(number)d. A feed can be about %(most)d at most: please take some away.",
            number=builder.size(chosen),
            most=MOST_SLUGS,
        )
        return Built(problem=problem)
    try:
        return _found(config, tx, chosen)
    except Moved as it:
        return _found(config, tx, it.selection)
    except NotFound:
        return Built(problem=texts().say("There is no author, category or partner of that name."))


def _found(config: Config, tx: Transaction, chosen: Selection) -> Built:
    subject = publish.subject(config, tx, chosen)
    wanted = articles.resolved(tx, chosen)
    return Built(
        selection=chosen,
        name=subject.name or config.site.title,
        articles=articles.count(tx, wanted),
        newest=tuple(articles.select(tx, wanted, limit=_SHOWN)),
    )
