"""Feeds by license: the newest articles that others may republish, or that are under one license.

Which license holds is worked out from an article, its source, its categories and the site, so articles are
looked at one by one, the newest first, and only so many.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from feeds import links
from feeds.links import Link
from feeds.model import Feed, Format
from feeds.writing import write
from service import addresses, endings, outgoing, terms
from service.errors import NotFound
from service.flaws import spared
from service.publish import Rendered
from service.selection import ALL, Selection
from service.store import articles, changelog, meta
from service.terms import Extent

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Entry
    from service.config import Config
    from service.model import Article
    from service.runtime import Runtime
    from service.store import Transaction

REPUBLISHABLE = "republishable"  # by others, in full, whatever the license
_LOOKED_AT = 1_000  # articles
_PAGE = 100
_FRESH = 300  # seconds that caches may keep it
_EVERYTHING = Selection()


def rendered(runtime: Runtime, name: str, kind: Format) -> Rendered:
    """The feed of a license, by its name under [licenses.*], or of all that others may republish.

    Raises:
        NotFound: There is no such license.
        Outdated: Other settings are in force by now.
    """
    config, now = runtime.config, runtime.clock.now()
    if name != REPUBLISHABLE and name not in config.licenses:
        raise NotFound(f"config.toml has no [licenses.{name}]")
    with runtime.reading() as tx:
        change = changelog.last(tx)
        founded = meta.founded(tx)
        last_modified = changelog.touched_at(tx, [ALL]) or founded.at
        entries = _entries(config, tx, name, now)
        turns = (articles.next_change(tx), endings.next_change(config, tx, now))
    moments = [it.updated for it in entries if it.updated]
    site = config.site
    feed = Feed(
        id=founded.feed_id(f"license/{name}"),
        title=f"{_title(config, name)} · {site.title}",
        subtitle=site.description,
        link=_page(config, name),
        self_link=addresses.licensed_feed(config, name, kind),
        language=site.language,
        updated=max(moments, default=founded.at),
        authors=(outgoing.publisher(config),),
        editor=outgoing.editor(config),
        rights=site.rights,
        icon=site.icon,
        logo=site.logo,
        generator="feedwright",
        docs=f"{site.public_url}/feeds#json",
        stylesheet=addresses.feed_style(config),
        entries=tuple(entries),
    )
    body = write(feed, kind)
    others = [
        Link(addresses.licensed_feed(config, name, it), "alternate", it.media_type)
        for it in Format
        if it is not kind
    ]
    return Rendered(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=last_modified,
        media_type=kind.media_type,
        scopes=frozenset({ALL}),
        change=change,
        good_until=min((it for it in turns if it is not None), default=None),
        fresh=_FRESH,
        keys=frozenset({ALL}),
        links=(*links.of_feed(feed, kind), *others),
    )


def _entries(config: Config, tx: Transaction, name: str, now: datetime) -> list[Entry]:
    """As many as a feed holds, of the articles looked at."""
    found: list[Entry] = []
    for offset in range(0, _LOOKED_AT, _PAGE):
        page = articles.select(tx, _EVERYTHING, limit=_PAGE, offset=offset)
        wanted = [it for it in page if _is_wanted(config, it, name, now)]
        made = spared(
            lambda them: [outgoing.entry(config, it, now) for it in them],
            wanted,
            otherwise=None,
            named=lambda it: it.id,
        )
        found += [it for it in made if it is not None]
        if len(page) < _PAGE or len(found) >= config.content.feed_size:
            break
    return found[: config.content.feed_size]


def _is_wanted(config: Config, article: Article, name: str, now: datetime) -> bool:
    held = terms.of(config, article, now)
    if held.extent is Extent.NONE or held.license is None:
        return False
    return held.may_be_republished if name == REPUBLISHABLE else held.name == name


def _title(config: Config, name: str) -> str:
    return "Republishable" if name == REPUBLISHABLE else config.licenses[name].name


def _page(config: Config, name: str) -> str:
    if name == REPUBLISHABLE:
        return addresses.terms(config)
    return addresses.license_terms(config, name)
