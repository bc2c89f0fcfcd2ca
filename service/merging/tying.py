"""What is taken for one article: tied together, written down, and parted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.identity import alias, is_absolute
from service.errors import Refused
from service.merging.meeting import is_at_home
from service.store import articles, copies, entries, merges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.config import Config
    from service.merging.meeting import Copied
    from service.model import Article
    from service.store import Transaction
    from service.store.entries import KnownEntry
    from service.store.merges import Merge

_WHY = {True: "another spelling of its key", False: "another key for the same page or text"}


def join(tx: Transaction, copied: Copied, *, entry: int, article: int, now: datetime) -> None:
    """Tie an article that was saved as a copy to what it is a copy of; `entry` and `article` are row ids."""
    leader, copy = copied.leader, article
    if copied.leads:
        articles.trade(tx, leader, copy, now=now)
        merges.passed_on(tx, leader, copy)
        leader, copy = copy, leader
    merges.add(
        tx, merges.Kind.COPY, reason=copied.reason, entry=entry, article=leader, copy=copy, now=now
    )
    copies.credit(tx, copy, now)
    copies.credit(tx, leader, now)


def outlive(tx: Transaction, config: Config, article: Article, *, now: datetime) -> None:
    """Publish the first copy of an article that its source has taken back, unless that is the original.

    Nothing that a reviewer has to see is published so.
    """
    tied = copies.of(tx, [article.id]).get(article.id, ())
    heirs = [it.article for it in tied if not _is_reviewed(config, it.source)]
    if not heirs or is_at_home(config, article):
        return
    merges.end(tx, heirs[0], now)
    merges.passed_on(tx, article.id, heirs[0])
    articles.surface(tx, heirs[0], now=now)
    copies.credit(tx, article.id, now)
    copies.credit(tx, heirs[0], now)


def _is_reviewed(config: Config, source: str) -> bool:
    settings = config.source(source)
    return settings is None or settings.review


def respelled(tx: Transaction, found: Sequence[tuple[KnownEntry, str]], *, now: datetime) -> None:
    """Write down under which new keys known entries came, each change once."""
    written = merges.pairs(tx, [known.id for known, _ in found])
    for known, key in found:
        if (known.id, known.key, key) not in written:
            merges.add(
                tx,
                merges.Kind.KEY,
                reason=_WHY[alias(known.key) == alias(key)],
                entry=known.id,
                article=known.article,
                old=known.key,
                new=key,
                now=now,
            )


def undo(tx: Transaction, merge: Merge, *, now: datetime) -> None:
    """Make two articles again of what was taken for one.

    Raises:
        Refused: That was done already.
    """
    if merge.undone:
        raise Refused(f"merge {merge.id} was undone at {merge.undone:%Y-%m-%d %H:%M} UTC")
    merges.undone(tx, merge, now)
    if merge.kind is merges.Kind.KEY:
        _split(tx, merge, now)
    elif merge.copy and merge.article:
        _part(tx, merge, merge.article, merge.copy, now)


def _part(tx: Transaction, merge: Merge, shown: int, copy: int, now: datetime) -> None:
    """Publish both, each under the id that it came with: an original had taken the place of its copy."""
    hidden = copy
    if entries.of(tx, [merge.entry])[0].article == shown:
        articles.trade(tx, shown, copy, now=now)
        hidden = shown
    articles.surface(tx, hidden, now=now)
    copies.credit(tx, copy, now)
    copies.credit(tx, shown, now)


def _split(tx: Transaction, merge: Merge, now: datetime) -> None:
    """An entry for each of the two keys: the old keeps the article, the new gets one that says the same."""
    if merge.old is None or merge.new is None:
        return
    article = articles.by_id(tx, merge.article) if merge.article else None
    made = None
    if article:
        guid = merge.new if is_absolute(merge.new) else None
        origins = tuple(it for it in article.origins if it.source == article.source)
        draft = replace(article, id=0, guid=guid, path=None, origins=origins)
        made = articles.save(tx, [draft], now=now)[0].id
    entries.split(
        tx,
        merge.entry,
        old=merge.old,
        new=merge.new,
        article=made,
        reason=f"merge {merge.id} undone",
        now=now,
    )
