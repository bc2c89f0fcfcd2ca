"""save(): articles and all that belongs to them, written or updated, with every scope they touch.

What is new is written together, table by table: a statement costs more than a row.
"""

from __future__ import annotations

from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec.structs import replace
from sqlalchemy import select, update

from feeds.identity import is_absolute, tag_uri
from feeds.model import Reference
from feeds.sanitize import POLICY_VERSION
from service import addresses
from service.errors import Refused
from service.model import ARTICLE, Article, Change, Saved, Status
from service.store import archives, changelog, copies, meta, parts, pictured, shelving
from service.store.among import among
from service.store.digesting import digest
from service.store.flat import flat
from service.store.many import inserting, new_ids
from service.store.parts import FREE, LANGUAGE, Facts, Names
from service.store.schema import articles
from service.store.shelving import NOWHERE, Move, Stand, ranks, shelve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.store.database import Transaction

_VISIBLE = frozenset({Status.PUBLISHED, Status.RETRACTED})
_BARE = (ARTICLE, LANGUAGE, FREE)  # how scopes without archives begin
_COLUMNS = (
    articles.c.id,
    articles.c.guid,
    articles.c.path,
    articles.c.handle,
    articles.c.source,
    articles.c.status,
    articles.c.updated,
    articles.c.digest,
)
_BY_ID = select(*_COLUMNS).where(among(articles.c.id, "wanted"))
_BY_HANDLE = select(*_COLUMNS).where(among(articles.c.handle, "wanted"))
_GUIDS = select(articles.c.guid).where(among(articles.c.guid, "wanted"))
_NUMBERS = 100  # behind a path, looked at at a time
_PATHS = select(articles.c.path).where(among(articles.c.path, "wanted"))
_INSERT = inserting(articles, "retracted", "retraction_reason")
_facts = itemgetter(*Facts._fields)


def save(
    tx: Transaction,
    drafts: Sequence[Article],
    *,
    now: datetime,
    digests: Sequence[str] | None = None,
) -> list[Saved]:
    """Write these articles, at most 50 a transaction; the answers stand in the same order.

    An article is found again by its row id, else its entry id, else (of the newsroom's own) its path. What
    is the same stays untouched; an edit that brings no newer date is dated now (ID-07). A retracted article
    is not brought back by saving it again. Their `digests` may have been worked out before the transaction.
    """
    names = Names(tx, now)
    digested = zip(drafts, digests or map(digest, drafts), strict=True)
    return [saved for run in _runs(digested) for saved in _save(tx, run, names, now)]


def _runs(digested: Iterable[tuple[Article, str]]) -> Iterator[list[tuple[Article, str]]]:
    """The drafts in their order, cut where one may lean on what another has just written."""
    run: list[tuple[Article, str]] = []
    seen: set[object] = set()
    for draft, told in digested:
        key = draft.id or (_handle(draft), draft.source)
        if run and (draft.in_reply_to or key in seen):
            yield run
            run, seen = [], set()
        run.append((draft, told))
        seen.add(key)
    if run:
        yield run


def _save(
    tx: Transaction, run: Sequence[tuple[Article, str]], names: Names, now: datetime
) -> list[Saved]:
    """Write articles of which no two are the same."""
    drafts, digests = zip(*run, strict=True)
    known = _existing(tx, drafts)
    fresh = [n for n, row in enumerate(known) if row is None]
    created = _create(tx, [drafts[n] for n in fresh], [digests[n] for n in fresh], names, now)
    saved = dict(zip(fresh, created, strict=True))
    for n, row in enumerate(known):
        if row is not None:
            saved[n] = _update(tx, row, drafts[n], digests[n], names, now)
    _credit(tx, [row for row in known if row is not None], now)
    return [saved[n] for n in range(len(drafts))]


def _credit(tx: Transaction, known: Sequence[Row[Any]], now: datetime) -> None:
    """Let articles that were written again name their copies still, and those of which they are copies."""
    shown = [row.id for row in known if row.status != Status.MERGED]
    led = [copies.leader(tx, row.id) for row in known if row.status == Status.MERGED]
    for leader in sorted({*(copies.of(tx, shown) if shown else ()), *filter(None, led)}):
        copies.credit(tx, leader, now)


def existing(tx: Transaction, draft: Article) -> Any:
    """The row of the article that the draft is of, or None."""
    return _existing(tx, [draft])[0]


def _existing(tx: Transaction, drafts: Sequence[Article]) -> list[Any]:
    """The row of the article that each draft is of, or None: no source edits another's (T17)."""
    ids = [draft.id for draft in drafts if draft.id]
    handles = [handle for draft in drafts if not draft.id and (handle := _handle(draft))]
    by_id = {row.id: row for row in tx.execute(_BY_ID, {"wanted": ids})} if ids else {}
    rows = tx.execute(_BY_HANDLE, {"wanted": handles}) if handles else ()
    by_handle = {(row.handle, row.source): row for row in rows}
    return [
        by_id.get(draft.id) if draft.id else by_handle.get((_handle(draft), draft.source))
        for draft in drafts
    ]


def _handle(draft: Article) -> str | None:
    """What was asked for, even where the id or the path turned out to be taken by another."""
    if draft.guid:
        return f"id:{draft.guid}"
    return f"path:{_path(draft)}" if draft.source is None else None


def _create(
    tx: Transaction,
    drafts: Sequence[Article],
    digests: Sequence[str],
    names: Names,
    now: datetime,
) -> list[Saved]:
    if not drafts:
        return []
    guids, paths = _guids(tx, drafts), _paths(tx, drafts)
    ids = new_ids(tx, articles, len(drafts))
    rows = [
        _columns(tx, draft, names)
        | {
            "id": row_id,
            "guid": guid,
            "handle": _handle(draft) or f"id:{guid}",
            "path": path,
            "slug": path.rpartition("/")[2],
            "digest": told,
            "created": now,
        }
        for row_id, draft, told, guid, path in zip(ids, drafts, digests, guids, paths, strict=True)
    ]
    _INSERT.run(tx, rows)
    numbered = list(zip(ids, drafts, strict=True))
    belonging = parts.write(tx, numbered, names)
    shown = {it: found for it, draft in numbered if (found := pictured.names(draft))}
    if shown:
        pictured.note(tx, shown, now)
    scopes = {
        row_id: parts.scopes_of(row_id, Facts(*_facts(row)), *where)
        for row_id, row, where in zip(ids, rows, belonging, strict=True)
    }
    shelve(tx, [Move(it, NOWHERE, Stand(scopes[it], ranks(draft))) for it, draft in numbered])
    announce(tx, {it: draft.status for it, draft in numbered}, scopes, now, are_new=True)
    return [
        Saved(row_id, path, guid, Change.CREATED, it.status)
        for row_id, guid, path, it in zip(ids, guids, paths, drafts, strict=True)
    ]


def _update(
    tx: Transaction, row: Row[Any], draft: Article, told: str, names: Names, now: datetime
) -> Saved:
    if draft.source is not None:  # where an article stands is the newsroom's to decide
        draft = replace(draft, status=Status(row.status))
    same = row.digest == told and row.status == draft.status
    if same or row.status == Status.RETRACTED:
        return Saved(row.id, row.path, row.guid, Change.UNCHANGED, Status(row.status))
    is_dated = draft.updated > row.updated or told == row.digest
    updated = draft.updated if is_dated else max(now, row.updated)
    before = stand(tx, row.id)
    values = _columns(tx, replace(draft, updated=updated), names) | {"digest": told}
    tx.execute(update(articles).where(articles.c.id == row.id).values(values))
    parts.clear(tx, row.id)
    parts.write(tx, [(row.id, draft)], names)
    pictured.note(tx, {row.id: pictured.names(draft)}, now)
    after = stand(tx, row.id)
    shelve(tx, [Move(row.id, before, after)])
    announce(
        tx,
        {row.id: draft.status},
        {row.id: after.scopes},
        now,
        before=before.scopes,
        was=Status(row.status),
    )
    return Saved(row.id, row.path, row.guid, Change.EDITED, draft.status)


def announce(
    tx: Transaction,
    statuses: dict[int, Status],
    scopes: dict[int, frozenset[str]],
    now: datetime,
    *,
    before: frozenset[str] = frozenset(),
    was: Status = Status.DRAFT,
    are_new: bool = False,
) -> None:
    """Tell the change log where readers see something else, now or in time, and number what is published.

    `statuses` and `scopes` are of articles by row id; `before` and `was` of what they were until now.
    """
    visible = [it for it, status in statuses.items() if was in _VISIBLE or status in _VISIBLE]
    awaited = [it for it, status in statuses.items() if Status.SCHEDULED in (was, status)]
    if visible:
        changelog.append(tx, before.union(*(scopes[it] for it in visible)), now)
    if awaited := [it for it in awaited if it not in visible]:
        changelog.expect(tx, before.union(*(scopes[it] for it in awaited)), now)
    published = [it for it, status in statuses.items() if status is Status.PUBLISHED]
    if published:
        number(tx, {it: scopes[it] for it in published}, are_new=are_new)


def number(tx: Transaction, scopes: dict[int, frozenset[str]], *, are_new: bool = False) -> None:
    """Number articles in the scopes that have archives."""
    archives.number(
        tx,
        {
            it: {name for name in names if not name.startswith(_BARE)}
            for it, names in scopes.items()
        },
        are_new=are_new,
    )


def stand(tx: Transaction, row_id: int) -> Stand:
    """Where an article has to stand."""
    return shelving.stands(tx, [row_id])[row_id]


def _columns(tx: Transaction, draft: Article, names: Names) -> dict[str, object]:
    note, reply = draft.editors_note, _reply(tx, draft)
    held, is_whole = names.license(draft)
    return {
        "title": draft.title,
        "summary": draft.summary,
        "content": draft.content,
        "policy": POLICY_VERSION,
        "language": draft.language,
        "status": draft.status.value,
        "published": draft.published,
        "updated": draft.updated,
        "release": draft.release,
        "expires": draft.expires,
        "source": draft.source,
        "rights": draft.rights,
        "license": draft.license,
        "held": held,
        "is_whole": is_whole,
        "note": note.html if note else None,
        "note_author_id": names.author(note.author) if note and note.author else None,
        "note_date": note.date if note else None,
        "canonical_url": draft.canonical_url,
        "discussion_url": draft.discussion_url,
        "in_reply_to": flat(reply) if reply else None,
    }


def _reply(tx: Transaction, draft: Article) -> Reference | None:
    """What the draft follows: one of our articles by id or path, or something elsewhere by its id.

    Raises:
        Refused: It is named by a path, and there is no such article.
    """
    reply = draft.in_reply_to
    if reply is None:
        return None
    named = (articles.c.guid == reply.ref) | articles.c.handle.in_([reply.ref, f"path:{reply.ref}"])
    statement = select(articles.c.guid, articles.c.path).where(
        named | (articles.c.path == reply.ref)
    )
    if found := tx.execute(statement.order_by(articles.c.id).limit(1)).one_or_none():
        return Reference(found.guid, f"{addresses.OWN}articles/{found.path}")
    if not is_absolute(reply.ref):
        raise Refused(f"in_reply_to: there is no article {reply.ref!r}")
    return reply


def _guids(tx: Transaction, drafts: Sequence[Article]) -> list[str]:
    """The id of each new article: as asked for where it is free, else one that is minted."""
    asked = [draft.guid for draft in drafts if draft.guid]
    taken: set[str] = set(tx.execute(_GUIDS, {"wanted": asked}).scalars()) if asked else set()
    found = []
    for draft in drafts:
        guid = draft.guid if draft.guid and draft.guid not in taken else _mint(tx)
        taken.add(guid)
        found.append(guid)
    return found


def _mint(tx: Transaction) -> str:
    authority, minted = meta.tag_authority(tx)
    return tag_uri(authority, minted, f"article/{uuid4().hex}")


def _path(draft: Article, suffix: str = "") -> str:
    on = draft.published
    return f"{on.year:04}/{on.month:02}/{draft.slug}{suffix}"


def _paths(tx: Transaction, drafts: Sequence[Article]) -> list[str]:
    """A path of its own for each new article: as asked for, or with a number behind it."""
    wanted = [_path(draft) for draft in drafts]
    taken = set(tx.execute(_PATHS, {"wanted": wanted}).scalars())
    found = []
    for draft, wish in zip(drafts, wanted, strict=True):
        path = wish if wish not in taken else _free_path(tx, draft, taken)
        taken.add(path)
        found.append(path)
    return found


def _free_path(tx: Transaction, draft: Article, taken: set[str]) -> str:
    for first in count(2, _NUMBERS):
        some = [_path(draft, f"-{number}") for number in range(first, first + _NUMBERS)]
        used = taken.union(tx.execute(_PATHS, {"wanted": some}).scalars())
        free = next((it for it in some if it not in used), None)
        if free is not None:
            return free
    raise AssertionError("there is no last number")
