"""In which feeds an article is: looked up in the feeds themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.model import Format
from service import addresses, publish, subjects, terms
from service.errors import Moved, NotFound
from service.model import Selection, Status
from service.selection import AUTHOR, LANGUAGE, LICENSE, REPUBLISHABLE, SOURCE
from service.store import archives, articles
from service.terms import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config import Config
    from service.model import Article
    from service.runtime import Runtime
    from service.terms import Terms


class Placed(Struct, frozen=True):
    """A feed that an article belongs to, and whether it stands there now."""

    address: str
    is_shown: bool
    reason: str = ""  # why not
    archive: str | None = None  # the address of the archive that holds it


def feeds_of(runtime: Runtime, article: Article) -> list[Placed]:
    """The feeds of all that an article is filed under, by one or by a name; any combination beside.

    Raises:
        Outdated: Other settings are in force by now.
    """
    held = terms.of(runtime.config, article, runtime.clock.now())
    if article.status is not Status.PUBLISHED or held.extent is Extent.NONE:
        return []
    with runtime.reading() as tx:
        numbers = archives.places(tx, article.id)
        wanted = []
        for it in _candidates(runtime.config, article, held):
            try:
                about = subjects.subject(runtime.config, tx, it)
            except (NotFound, Moved):  # withdrawn, or called otherwise: it has no such feed
                continue
            if articles.shown(tx, it, [article.id]):
                wanted.append((it, numbers.get(about.numbered or "", 0)))
    return [_placed(runtime, article, it, archive) for it, archive in wanted]


def _candidates(config: Config, article: Article, held: Terms) -> Iterator[Selection]:
    yield Selection()
    for author in article.authors:
        yield addresses.by(AUTHOR, author.slug or "")
    for category in article.shown_under:
        yield addresses.by(category.scheme, category.slug)
    if article.source:
        yield addresses.by(SOURCE, article.source)
    yield addresses.by(LANGUAGE, (article.language or config.site.language).lower())
    if held.name:
        yield addresses.by(LICENSE, held.name)
    yield addresses.by(LICENSE, REPUBLISHABLE)
    for name in config.selections:
        yield subjects.parse(config, f"named/{name}")


def _placed(runtime: Runtime, article: Article, selection: Selection, archive: int) -> Placed:
    config = runtime.config
    held = addresses.document(config, selection, Format.ATOM, archive) if archive else None
    document = json.loads(publish.rendered(runtime, selection, Format.JSON).body)
    is_shown = any(it["id"] == article.guid for it in document["items"])
    reason = "" if is_shown else f"the newest {len(document['items'])} stand there, and it is older"
    return Placed(addresses.feed(config, selection, Format.ATOM), is_shown, reason, held)
