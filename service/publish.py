"""A selection in a format: the same rows always make the same bytes, and so the same ETag."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from feeds.model import Feed
from feeds.writing import write
from service import addresses, outgoing
from service.errors import NotFound
from service.model import ALL, Selection, Term
from service.store import articles, categories, changelog, meta, people, sources

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Entry, Format
    from service.config import Config
    from service.model import Author, Category, Source
    from service.runtime import Runtime
    from service.store import Transaction

_TOMBSTONES = 50  # retractions told in one document
_FIELDS = (addresses.AUTHOR, addresses.SOURCE)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a selection is about: its name and description, and the scope its changes are told in."""

    name: str | None  # None for the feed of everything
    description: str | None
    scope: str
    complete: bool = False  # nothing more will come


@dataclass(frozen=True, slots=True)
class Rendered:
    """A feed ready to be served, with all that a cache must know of it."""

    body: bytes
    etag: str  # of the body, without quotes and without a suffix for a coding
    last_modified: datetime  # UTC
    media_type: str
    scopes: frozenset[str]  # a change in any of them makes this stale
    change: int  # the newest change before its articles were read
    good_until: datetime | None  # when time alone will change it


def parse(config: Config, text: str) -> Selection:
    """The selection that stands below /feeds/ in an address: "all", "theme/energy", "author/jane-doe".

    Raises:
        NotFound: No such field; whether the slug exists is asked of the store.
    """
    if text == ALL:
        return Selection()
    field, slash, slug = text.partition("/")
    if not slash or not slug or "/" in slug or field not in (*_FIELDS, *config.taxonomies):
        raise NotFound(f"there is no feed {text!r}")
    return Selection((Term(field, (slug,)),))


def subject(tx: Transaction, selection: Selection) -> Subject:
    """What the selection is about.

    Raises:
        NotFound: It names an author, source or category that does not exist.
    """
    if not selection.terms:
        return Subject(None, None, ALL)
    (term,) = selection.terms
    (slug,) = term.slugs
    found = _found(tx, term.field, slug)
    if found is None:
        raise NotFound(f"there is no {term.field} {slug!r}")
    return found


def _found(tx: Transaction, field: str, slug: str) -> Subject | None:
    if field == addresses.AUTHOR:
        return _author(people.at(tx, slug))
    if field == addresses.SOURCE:
        return _source(sources.at(tx, slug))
    return _category(categories.at(tx, field, slug))


def _author(it: Author | None) -> Subject | None:
    return Subject(it.name, f"Articles by {it.name}", f"author:{it.id}") if it else None


def _source(it: Source | None) -> Subject | None:
    return Subject(it.name, f"Articles from {it.name}", f"source:{it.slug}") if it else None


def _category(it: Category | None) -> Subject | None:
    return Subject(it.label, it.description, f"category:{it.id}", it.closed) if it else None


def title(config: Config, tx: Transaction, selection: Selection) -> str:
    """What the feed of a selection is called: "Energy · The Meridian Review"."""
    name = subject(tx, selection).name
    return f"{name} · {config.site.title}" if name else config.site.title


def rendered(runtime: Runtime, selection: Selection, kind: Format) -> Rendered:
    """The feed of a selection in one format.

    Raises:
        NotFound: The selection names something that does not exist.
    """
    config = runtime.config
    with runtime.store.reading() as tx:
        change = changelog.last(tx)
        about = subject(tx, selection)
        last_modified = changelog.touched_at(tx, [about.scope]) or meta.founded(tx)
        feed = _feed(config, tx, selection, about, kind)
        good_until = articles.next_change(tx, selection)
    body = write(feed, kind)
    return Rendered(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=last_modified,
        media_type=kind.media_type,
        scopes=frozenset({about.scope}),
        change=change,
        good_until=good_until,
    )


def _feed(
    config: Config, tx: Transaction, selection: Selection, about: Subject, kind: Format
) -> Feed:
    site = config.site
    written = _entries(config, tx, selection)
    gone = articles.withdrawn(tx, selection, limit=_TOMBSTONES)
    tombstones = tuple(outgoing.tombstone(it) for it in gone if outgoing.leaves(config, it))
    moments = [entry.updated for entry in written if entry.updated]
    moments += [stone.when for stone in tombstones]
    complete = about.complete and len(written) == articles.count(tx, selection)
    return Feed(
        id=meta.feed_id(tx, about.scope),
        title=f"{about.name} · {site.title}" if about.name else site.title,
        subtitle=about.description or site.description,
        link=addresses.page(config, selection),
        self_link=addresses.feed(config, selection, kind),
        language=site.language,
        updated=max(moments, default=meta.founded(tx)),
        authors=(outgoing.publisher(config),),
        editor=outgoing.editor(config),
        rights=site.rights,
        icon=site.icon,
        logo=site.logo,
        generator="feedwright",
        docs=f"{site.public_url}/feeds#json",
        complete=complete,
        expired=complete,
        entries=written,
        tombstones=tombstones,
    )


def _entries(config: Config, tx: Transaction, selection: Selection) -> tuple[Entry, ...]:
    """As many entries as a feed holds; articles whose license lets nothing leave are passed over."""
    size = config.content.feed_size
    found: list[Entry] = []
    for offset in count(0, size):
        page = articles.select(tx, selection, limit=size, offset=offset)
        found += [outgoing.entry(config, it) for it in page if outgoing.leaves(config, it)]
        if len(page) < size or len(found) >= size:
            break
    return tuple(found[:size])
