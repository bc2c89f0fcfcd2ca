"""Articles that are taken back, and those that come back: by tombstones, rules and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import identity
from service import merging
from service.intake.delivery import Tally
from service.model import KEPT_OUT, Status, Verdict
from service.store import articles, entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feeds.model import Tombstone
    from service import rules
    from service.intake.delivery import Decision, Delivery
    from service.model import Article
    from service.store import Transaction
    from service.store.entries import KnownEntry

_WITHHELD = "Withheld"  # how the reason of what a rule took back begins
_TAKEN_BACK = KEPT_OUT | {Verdict.WITHDRAWN}


def revive(tx: Transaction, decisions: Sequence[Decision], now: datetime) -> None:
    """Publish again what its source withdrew and has now corrected, and what a rule withheld and now lets in.

    What an editor retracted stays so.
    """
    for it in decisions:
        if it.draft and it.known and it.known.article and it.known.verdict in _TAKEN_BACK:
            article = articles.by_id(tx, it.known.article)
            if article and article.retracted and _is_back(it.known, it.draft, article):
                articles.restore(tx, article.id, now=now)
            elif article and article.status is Status.DRAFT is not it.draft.status:
                articles.let_out(tx, article.id, now=now)


def _is_back(known: KnownEntry, draft: Article, article: Article) -> bool:
    if known.verdict is Verdict.WITHDRAWN:
        return article.retracted is not None and draft.updated > article.retracted
    return is_withheld(article.retraction_reason)


def is_withheld(reason: str | None) -> bool:
    """Whether an article that was retracted for that reason was taken back by a rule."""
    return (reason or "").startswith(f"{_WITHHELD}:")


def withhold(
    tx: Transaction,
    delivery: Delivery,
    decision: Decision,
    refusal: rules.Refusal,
    now: datetime,
) -> int | None:
    """Take back what an earlier revision had brought, now that the entry is refused."""
    known = decision.known
    if known is None or known.article is None:
        return None
    article = articles.by_id(tx, known.article)
    if article and article.status is Status.PUBLISHED:
        articles.retract(tx, article.id, reason=f"{_WITHHELD}: {refusal.told}", now=now)
        merging.outlive(tx, delivery.config, article, now=now)
    elif article and article.status is Status.SCHEDULED:
        articles.hold_back(tx, article.id, now=now)
    return known.article


def withdraw(tx: Transaction, delivery: Delivery, *, now: datetime) -> Tally:
    """Obey tombstones: only this source's own entries, and none older than what is stored (TMB-04)."""
    tally = Tally()
    for stone in delivery.feed.tombstones:
        known = _meant(delivery, stone.ref)
        if known and known.article and _retract(tx, delivery, stone, known, now):
            tally[Verdict.WITHDRAWN] += 1
    return tally


def _meant(delivery: Delivery, ref: str) -> KnownEntry | None:
    """The entry of that key, or else of the only one that is another spelling of it on the same site."""
    if ref in delivery.known:
        return delivery.known[ref]
    named, at = identity.alias(ref), identity.site(ref)
    found = [it for it in delivery.known.values() if it.alias == named]
    same = [it for it in found if at and identity.site(it.key) == at]
    return same[0] if len(same) == 1 else None


def _retract(
    tx: Transaction, delivery: Delivery, stone: Tombstone, known: KnownEntry, now: datetime
) -> bool:
    article = articles.by_id(tx, known.article) if known.article else None
    if article is None or stone.when < article.updated or known.verdict is Verdict.WITHDRAWN:
        return False
    reason = stone.comment or f"withdrawn by {delivery.settings.name}"
    if article.status is Status.PUBLISHED:
        articles.retract(tx, article.id, reason=reason, now=now)
        merging.outlive(tx, delivery.config, article, now=now)
    elif article.status is Status.SCHEDULED:
        articles.hold_back(tx, article.id, now=now)
    elif known.verdict is not Verdict.WAITING:
        return False
    entries.decide(
        tx, known.id, delivery.poll, Verdict.WITHDRAWN, reason=reason, article=article.id, now=now
    )
    return True
