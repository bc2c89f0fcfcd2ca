"""What stands in a document: the subscription of a selection, or one of its archives (RFC 5005 section 4)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from feeds.model import Format
from service import addresses, endings, outgoing
from service.errors import NotFound
from service.flaws import spared
from service.model import ARTICLE
from service.store import archives, articles
from service.written import Facts, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.model import Tombstone
    from service.config import Config
    from service.model import Article, Selection
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.selecting import Resolved
    from service.subjects import Subject

FEED_SECONDS = 300  # that caches may keep a feed
ARCHIVE_SECONDS = 86_400  # the same of an archive: corrections and retractions alone change it
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NOTHING = Sheet(_LONG_AGO, _LONG_AGO, None, 0)  # in place of a broken article
_TOMBSTONES = 50  # the latest retractions, told in one document


class Asked(Struct, frozen=True):
    """A document that is to be made, and what it is made from."""

    runtime: Runtime
    tx: Transaction
    now: datetime
    facts: Facts  # of the state that the transaction sees
    selection: Selection
    wanted: Resolved
    kind: Format
    about: Subject


class Contents(Struct, frozen=True):
    """What stands in a document, and what that hangs on."""

    sheets: tuple[Sheet, ...]  # of what may leave, the newest first
    stones: tuple[Tombstone, ...]
    scopes: frozenset[str]  # a change in any of them makes it stale
    dated_by: frozenset[str]  # the scopes whose last change is the document's
    good_until: datetime | None  # when time alone will change it
    fresh: int  # seconds that caches may keep it, at most
    head: dict[str, Any]  # what it says of itself, by the names that Feed has for it
    spare: frozenset[int] | None = (
        None  # places of what may be left out; None where all stands in full
    )


def subscription(asked: Asked) -> Contents:
    """The newest of a selection, and what a reader would miss who goes on with its newest archive.

    So what is corrected or imported late stands there, too, however old it is (HIS-03).
    """
    about, config = asked.about, asked.runtime.config
    found = _newest(asked)
    newest_archive = 0
    unarchived = set[int]()
    if about.numbered is not None:
        last = archives.last(asked.tx, about.numbered)
        newest_archive = archives.closed(last)
        also = archives.current(asked.tx, about.numbered, last, config.content.feed_size)
        unarchived = {it for it, number in also.items() if not archives.is_archived(number, last)}
        if beyond := also.keys() - found.keys():
            found |= _sheets(asked, articles.among(asked.tx, asked.wanted, beyond))
            found = _in_order(found)
    shown = {number: it for number, it in found.items() if it.entry}
    sheets = tuple(shown.values())
    timed = asked.facts.kinds.timed
    turn = articles.next_change(asked.tx, asked.wanted) if timed else None
    is_complete = about.complete and len(sheets) == articles.count(asked.tx, asked.wanted)
    stones = _stones(asked)
    return Contents(
        sheets=sheets,
        stones=stones,
        scopes=about.scopes,
        dated_by=about.scopes,
        good_until=_turn(asked, turn, stones),
        fresh=FEED_SECONDS,
        head={
            "self_link": addresses.feed(config, asked.selection, asked.kind),
            "complete": is_complete,
            "expired": is_complete,
            **(_back_to(asked, newest_archive) if not is_complete else {}),
        },
        spare=frozenset(
            place
            for place, number in enumerate(shown)
            if number not in unarchived and not is_complete
        ),
    )


def archive(asked: Asked, number: int) -> Contents:
    """What an archive holds, as it is by now: what was corrected or withdrawn since is told so (HIS-02).

    Raises:
        NotFound: The selection has no archive of that number.
    """
    tx, scope = asked.tx, asked.about.numbered
    newest = archives.closed(archives.last(tx, scope)) if scope else 0
    if scope is None or not 1 <= number <= newest:
        raise NotFound(f"there is no archive {number} of {asked.selection.path!r}")
    held = archives.held(tx, scope, number)
    stones = _stones(asked, held)
    members = frozenset(f"{ARTICLE}{it}" for it in held)
    head = _back_to(asked, number - 1)
    if number == newest:
        scopes = dated_by = members | {scope}  # the next one may be closed
    else:
        head["next_archive"] = _address(asked, number + 1)
        scopes = members
        dated_by = members | {f"{ARTICLE}{archives.closed_by(tx, scope, number + 1)}"}
    return Contents(
        sheets=_leaving(_in_order(_sheets(asked, articles.among(tx, asked.wanted, held)))),
        stones=stones,
        scopes=scopes,
        dated_by=dated_by,
        good_until=_turn(asked, articles.first_expiry(tx, held), stones),
        fresh=ARCHIVE_SECONDS,
        head={
            "self_link": _address(asked, number),
            "current": _address(asked, None),
            "archive": True,
            **head,
        },
    )


def _address(asked: Asked, archive: int | None) -> str:
    return addresses.document(asked.runtime.config, asked.selection, asked.kind, archive)


def _back_to(asked: Asked, archive: int) -> dict[str, Any]:
    """The way to the archive before, if there is one; JSON Feed knows it as the next page (HIS-06)."""
    if not archive:
        return {}
    address = _address(asked, archive)
    page = {"next_page": address} if asked.kind is Format.JSON else {}
    return {"previous_archive": address, **page}


def _stones(asked: Asked, among: Sequence[int] | None = None) -> tuple[Tombstone, ...]:
    """What says that something is gone, for as long as that is told (TMB-01)."""
    if not asked.facts.kinds.withdrawn:
        return ()
    config = asked.runtime.config
    since = asked.now - config.content.tombstones
    limit = _TOMBSTONES if among is None else len(among)
    gone = articles.withdrawn(asked.tx, asked.wanted, since=since, limit=limit, among=among)
    stones = spared(
        lambda them: [_stone(config, it, asked.now) for it in articles.of(asked.tx, them)],
        gone,
        otherwise=None,
        named=int,
    )
    return tuple(it for it in stones if it is not None)


def _stone(config: Config, it: Article, now: datetime) -> Tombstone | None:
    """Of what may not leave, not even its end is told."""
    return outgoing.tombstone(it) if outgoing.leaves(config, it, now) else None


def _turn(
    asked: Asked, of_articles: datetime | None, stones: Sequence[Tombstone]
) -> datetime | None:
    """When time alone changes a document: its articles, their licenses, or what it tells of the past."""
    config = asked.runtime.config
    lapses = [it.when + config.content.tombstones for it in stones]
    turns = (of_articles, endings.next_change(config, asked.tx, asked.now), *lapses)
    return min((it for it in turns if it is not None), default=None)


def _newest(asked: Asked) -> dict[int, Sheet]:
    """As many as a feed holds, by row id; articles whose terms let nothing leave are passed over."""
    size = asked.runtime.config.content.feed_size
    found: dict[int, Sheet] = {}
    for offset in count(0, size):
        page = articles.newest(asked.tx, asked.wanted, limit=size, offset=offset)
        found |= {number: it for number, it in _sheets(asked, page).items() if it.entry}
        if len(page) < size or len(found) >= size:
            break
    return dict(islice(found.items(), size))


def _in_order(found: dict[int, Sheet]) -> dict[int, Sheet]:
    """The newest first (ID-10: published descending, then row id)."""
    by_number = sorted(found.items(), key=itemgetter(0))
    return dict(sorted(by_number, key=lambda it: it[1].published, reverse=True))


def _leaving(found: dict[int, Sheet]) -> tuple[Sheet, ...]:
    return tuple(it for it in found.values() if it.entry)


def _sheets(asked: Asked, numbers: Sequence[int]) -> dict[int, Sheet]:
    """The articles of these row ids, in their order."""
    written, config = asked.runtime.written, asked.runtime.config
    found = written.get(asked.facts.change, numbers)
    if missing := [it for it in numbers if it not in found]:
        sheets = spared(
            lambda them: [_sheet(config, it, asked.now) for it in articles.of(asked.tx, them)],
            missing,
            otherwise=_NOTHING,
            named=int,
        )
        made = dict(zip(missing, sheets, strict=True))
        written.put(asked.facts.change, made)
        found |= made
    return {number: found[number] for number in numbers}


def _sheet(config: Config, it: Article, now: datetime) -> Sheet:
    leaves = outgoing.leaves(config, it, now)
    return Sheet.of(it.published, it.updated, outgoing.entry(config, it, now) if leaves else None)
