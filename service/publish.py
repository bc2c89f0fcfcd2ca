"""A selection in a format: the same rows always make the same bytes, and so the same ETag."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds import links
from feeds.links import Link
from feeds.model import Feed, Format
from feeds.pieces import document
from service import addresses, contents, fitting, outgoing
from service.store import articles, changelog
from service.subjects import Subject, parse, subject
from service.telemetry import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.config import Config
    from service.model import Selection
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.meta import Founded
    from service.written import Sheet

__all__ = ["Rendered", "Subject", "parse", "rendered", "subject", "title"]


class Rendered(Struct, frozen=True):
    """A feed ready to be served, with all that a cache must know of it."""

    body: bytes
    etag: str  # of the body, without quotes and without a suffix for a coding
    last_modified: datetime  # UTC
    media_type: str
    scopes: frozenset[str]  # a change in any of them makes this stale
    change: int  # the newest change before its articles were read
    good_until: datetime | None  # when time alone will change it
    fresh: int  # seconds that caches may keep it, at most
    keys: frozenset[str]  # by which a cache may drop it, together with others
    links: tuple[Link, ...]  # of its head, and to the same in other formats


def title(config: Config, tx: Transaction, selection: Selection) -> str:
    """What the feed of a selection is called: "Energy · The Meridian Review"."""
    name = subject(config, tx, selection).name
    return f"{name} · {config.site.title}" if name else config.site.title


def rendered(
    runtime: Runtime, selection: Selection, kind: Format, archive: int | None = None
) -> Rendered:
    """The feed of a selection in one format, or one of its archives (RFC 5005 section 4).

    Raises:
        NotFound: The selection names something that does not exist, or has no such archive.
        Moved: It is called otherwise by now.
        Outdated: Other settings are in force by now.
    """
    with metrics.RENDER_SECONDS.labels(kind.value).time():
        return _rendered(runtime, selection, kind, archive)


def _rendered(
    runtime: Runtime, selection: Selection, kind: Format, archive: int | None
) -> Rendered:
    config, now = runtime.config, runtime.clock.now()
    with runtime.snapshot() as (tx, change):
        runtime.written.catch_up(tx, change)
        facts = runtime.written.facts(tx, change)
        about = subject(config, tx, selection)
        founded = facts.founded
        wanted = articles.resolved(tx, selection)
        asked = contents.Asked(runtime, tx, now, facts, selection, wanted, kind, about)
        shown = (
            contents.subscription(asked) if archive is None else contents.archive(asked, archive)
        )
        last_modified = changelog.touched_at(tx, shown.dated_by) or founded.at
    moments = [*(it.updated for it in shown.sheets), *(it.when for it in shown.stones)]
    bare = replace(
        _bare(config, selection, about, founded),
        updated=max(moments, default=founded.at),
        **shown.head,
    )
    feed = replace(bare, tombstones=shown.stones)
    entries = _written(bare, shown.sheets, kind, is_brief=config.is_brief(selection))
    if shown.spare is not None:
        entries = fitting.fitted(
            entries,
            lambda them: _written(bare, [shown.sheets[it] for it in them], kind, is_brief=True),
            most=config.content.feed_bytes,
            spare=shown.spare,
        )
    body = document(feed, entries, kind)
    return Rendered(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=last_modified,
        media_type=kind.media_type,
        scopes=shown.scopes,
        change=change,
        good_until=shown.good_until,
        fresh=shown.fresh,
        keys=about.scopes,
        links=(*links.of_feed(feed, kind), *_others(config, selection, kind, archive)),
    )


def _others(
    config: Config, selection: Selection, kind: Format, archive: int | None
) -> Iterator[Link]:
    """The same in the other formats (HTTP-24)."""
    for other in Format:
        if other is not kind:
            address = addresses.document(config, selection, other, archive)
            yield Link(address, "alternate", other.media_type)


def _bare(config: Config, selection: Selection, about: Subject, founded: Founded) -> Feed:
    """What every document of a selection says of itself."""
    site = config.site
    return Feed(
        id=founded.feed_id(about.key),
        title=f"{about.name} · {site.title}" if about.name else site.title,
        subtitle=about.description or site.description,
        link=addresses.page(config, selection),
        language=site.language,
        authors=(outgoing.publisher(config),),
        editor=outgoing.editor(config),
        rights=site.rights,
        icon=site.icon,
        logo=site.logo,
        generator="feedwright",
        docs=f"{site.public_url}/feeds#json",
        stylesheet=addresses.feed_style(config),
    )


def _written(bare: Feed, sheets: Sequence[Sheet], kind: Format, *, is_brief: bool) -> list[bytes]:
    """How these entries stand in a document: `bare` shapes them as any other feed of the site."""
    how = (kind, is_brief)
    fresh = [it for it in sheets if how not in it.data]
    entries = [outgoing.brief(it.entry) if is_brief else it.entry for it in fresh if it.entry]
    for sheet, data in zip(fresh, fitting.written(bare, entries, kind), strict=True):
        sheet.data[how] = data
    return [it.data[how] for it in sheets]
