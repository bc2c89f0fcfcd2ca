"""Partners' own feeds: who may read which, and what stands in it.

A feed of this kind hangs on what a partner was promised, so nothing of it but its tag is kept, and nothing is
shared with other feeds.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds.model import Feed
from feeds.pieces import document
from service import addresses, endings, fitting, outgoing
from service.errors import NotFound, Refused, StoreError
from service.flaws import spared
from service.selection import ALL
from service.store import articles, changelog, meta, tokens
from service.subjects import current, parse
from service.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feeds.model import Entry, Format
    from service.config import Config, PartnerSettings
    from service.model import PartnerToken, Selection
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.selecting import Resolved

PREFIX = "fwp_"  # what every token begins with, so that one that got lost is known for what it is
_BYTES = 32
_PAGE = 50  # articles looked at in one go
_TOMBSTONES = 50  # retractions told in one document
_NOTED = timedelta(hours=1)  # that a token is in use is written down so often
_READERS_WAIT = timedelta(seconds=0.1)  # for the writer


class PartnerFeed(Struct, frozen=True):
    """A partner's feed as it is now."""

    body: bytes
    tag: Tag


class Minted(Struct, frozen=True):
    """A new token: the only time that its secret is told."""

    token: PartnerToken
    secret: str
    address: str  # of the Atom feed


def mint(runtime: Runtime, partner: str, label: str, kind: Format) -> Minted:
    """Make a token of 256 random bits for a partner.

    Raises:
        NotFound: config.toml has no such partner.
        Refused: Nobody could tell later whom it was given to.
    """
    _settings(runtime.config, partner)
    if not label.strip():
        raise Refused("a token needs a label: who gets it, so that you know what you revoke")
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    with runtime.store.writing() as tx:
        made = tokens.add(tx, partner, _digest(secret), label.strip(), runtime.clock.now())
    return Minted(made, secret, addresses.partner_feed(runtime.config, secret, kind))


def listed(runtime: Runtime, partner: str | None = None) -> list[PartnerToken]:
    """The tokens of a partner, also of one that config.toml has no more, or all of them."""
    with runtime.store.reading() as tx:
        return tokens.listed(tx, partner)


def revoke(runtime: Runtime, number: int) -> PartnerToken:
    """Let nobody in by that token from now on.

    Raises:
        NotFound: There is none of that number.
    """
    with runtime.store.writing() as tx:
        revoked = tokens.revoke(tx, number, runtime.clock.now())
    if revoked is None:
        raise NotFound(f"there is no token {number}; `feedwright partner token list` shows them")
    return revoked


def admitted(runtime: Runtime, secret: str) -> PartnerSettings | None:
    """The partner that comes with this secret; None if it was let in once and is no more.

    Raises:
        NotFound: Nobody was ever given it, or config.toml has the partner no more.
    """
    now = runtime.clock.now()
    with runtime.reading() as tx:
        found = tokens.find(tx, _digest(secret))
    if found is None:
        raise NotFound("there is no such feed")
    if found.revoked is not None:
        return None
    if found.used is None or now - found.used >= _NOTED:
        _note(runtime, found, now)
    return _settings(runtime.config, found.partner)


def tag(runtime: Runtime, address: str) -> Tag | None:
    """The tag of the feed at that address, if it is known to be as it was when it was last made."""
    with runtime.snapshot() as (tx, change):
        return runtime.tags.current(tx, change, _digest(address), runtime.clock.now())


def feed(runtime: Runtime, partner: PartnerSettings, kind: Format, address: str) -> PartnerFeed:
    """What a partner gets, by the terms of each article (LIC-03); `address` is where it stands."""
    config, now = runtime.config, runtime.clock.now()
    with runtime.snapshot() as (tx, change):
        selection, scopes = _selected(config, tx, partner)
        wanted = articles.resolved(tx, selection)
        founded = meta.founded(tx)
        last_modified = changelog.touched_at(tx, scopes) or founded.at
        entries = _entries(config, tx, wanted, partner, now)
        since = now - config.content.tombstones
        numbers = articles.withdrawn(tx, wanted, since=since, limit=_TOMBSTONES)
        gone = articles.of(tx, numbers)
        turns = (articles.next_change(tx, wanted), endings.next_change(config, tx, now))
    stones = tuple(
        outgoing.tombstone(it) for it in gone if outgoing.entry_for(config, it, now, partner)
    )
    moments = [*(it.updated for it in entries if it.updated), *(it.when for it in stones)]
    site = config.site
    bare = Feed(
        id=founded.feed_id(f"partner:{partner.slug}"),
        title=f"{site.title} · {partner.name}",
        subtitle=site.description,
        link=addresses.page(config, selection),
        self_link=address,
        language=site.language,
        updated=max(moments, default=founded.at),
        authors=(outgoing.publisher(config),),
        editor=outgoing.editor(config),
        rights=site.rights,
        icon=site.icon,
        logo=site.logo,
        generator="feedwright",
        docs=f"{site.public_url}/feeds#json",
    )
    body = document(replace(bare, tombstones=stones), _fitted(config, bare, entries, kind), kind)
    lapses = [it.when + config.content.tombstones for it in stones]
    good_until = min((it for it in (*turns, *lapses) if it is not None), default=None)
    made = Tag(sha256(body).hexdigest()[:32], last_modified, scopes, change, good_until)
    runtime.tags.keep(_digest(address), made)
    return PartnerFeed(body, made)


def _selected(
    config: Config, tx: Transaction, partner: PartnerSettings
) -> tuple[Selection, frozenset[str]]:
    """What a partner gets, by the names of today, and the scopes that it hangs on.

    What does not exist yet may come with any article.
    """
    selection = parse(config, partner.selection)
    try:
        selection, about = current(config, tx, selection)
    except NotFound:
        return selection, frozenset({ALL})
    return selection, about.scopes


def _entries(
    config: Config, tx: Transaction, wanted: Resolved, partner: PartnerSettings, now: datetime
) -> list[Entry]:
    """The newest that the partner may have, as many as its feed holds."""
    found: list[Entry] = []
    for offset in count(0, _PAGE):
        page = articles.select(tx, wanted, limit=_PAGE, offset=offset)
        made = spared(
            lambda them: [outgoing.entry_for(config, it, now, partner) for it in them],
            page,
            otherwise=None,
            named=lambda it: it.id,
        )
        found += [it for it in made if it is not None]
        if len(page) < _PAGE or len(found) >= partner.items:
            break
    return found[: partner.items]


def _fitted(config: Config, bare: Feed, entries: list[Entry], kind: Format) -> list[bytes]:
    """Within the bytes of any feed: there are no archives, so what does not fit stands without its text."""

    def brief(places: Sequence[int]) -> list[bytes]:
        return fitting.written(bare, [outgoing.link_only(entries[it]) for it in places], kind)

    whole = fitting.written(bare, entries, kind)
    return fitting.fitted(whole, brief, most=config.content.feed_bytes)


def _settings(config: Config, slug: str) -> PartnerSettings:
    found = config.partner(slug)
    if found is None:
        known = ", ".join(it.slug for it in config.partners) or "none"
        raise NotFound(f"config.toml has no partner {slug!r}; it has: {known}")
    return found


def _note(runtime: Runtime, token: PartnerToken, now: datetime) -> None:
    """Write down that a token is in use, unless others write: a reader is not kept waiting for that."""
    try:
        with runtime.store.writing(_READERS_WAIT) as tx:
            tokens.use(tx, token.id, now)
    except StoreError:
        return


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
