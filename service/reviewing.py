"""The review queue: what sources with `review` send waits here, as drafts, until somebody has read it.

An approved article is published with the dates of its source. A rejected one stays out, also when it is
edited upstream: the draft follows its source, so that who approves it after all publishes the latest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service import newsroom
from service.errors import NotFound, Refused
from service.model import Status, Verdict
from service.store import articles, entries, reviews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.model import Article
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.reviews import Queued

_CHUNK = 50  # articles a transaction
_HELD = frozenset({Verdict.WAITING, Verdict.REJECTED})


class Review(Struct, frozen=True):
    """An article in the queue, and how it came there."""

    article: Article
    queued: Queued


def listed(
    runtime: Runtime,
    *,
    source: str | None = None,
    verdict: Verdict = Verdict.WAITING,
    limit: int = 50,
) -> list[Review]:
    """What waits, or what was rejected; the first come first.

    Raises:
        NotFound: config.toml names no such source.
    """
    if source is not None and runtime.config.source(source) is None:
        raise NotFound(f"config.toml names no source {source!r}")
    with runtime.store.reading() as tx:
        found = reviews.queued(tx, verdict, source=source, limit=limit)
        held = articles.of(tx, [it.article for it in found])
    return [Review(*pair) for pair in zip(held, found, strict=True)]


def approve(runtime: Runtime, names: Sequence[str]) -> list[Article]:
    """Publish these articles, or schedule those whose release is still to come.

    Raises:
        NotFound: There is no article of one of these names; none is published then.
        Refused: One of them is not in the queue; none is published then.
    """
    return _decided(runtime, names, Verdict.IMPORTED, "approved")


def reject(runtime: Runtime, names: Sequence[str], *, reason: str) -> list[Article]:
    """Keep these articles out for good, until somebody approves them after all.

    Raises:
        NotFound, Refused: As of approve().
    """
    return _decided(
        runtime, names, Verdict.REJECTED, f"rejected: {reason}" if reason else "rejected"
    )


def _decided(
    runtime: Runtime, names: Sequence[str], verdict: Verdict, reason: str
) -> list[Article]:
    numbers = [newsroom.find(runtime, name).id for name in names]
    with runtime.store.reading() as tx:
        for number in numbers:
            _held(tx, number)
    for first in range(0, len(numbers), _CHUNK):
        with runtime.store.writing() as tx:
            for number in numbers[first : first + _CHUNK]:
                _decide(runtime, tx, number, verdict, reason)
    with runtime.store.reading() as tx:
        return articles.of(tx, numbers)


def _decide(runtime: Runtime, tx: Transaction, number: int, verdict: Verdict, reason: str) -> None:
    now = runtime.clock.now()
    held = _held(tx, number)
    if verdict is Verdict.IMPORTED:
        articles.let_out(tx, number, now=now)
    for entry in held:
        entries.decide(tx, entry, None, verdict, reason=reason, article=number, now=now)


def _held(tx: Transaction, number: int) -> list[int]:
    """The row ids of the entries by which an article is in the queue."""
    article = articles.by_id(tx, number)
    held = [it.id for it in entries.of_article(tx, number) if it.verdict in _HELD]
    if article is None or article.status is not Status.DRAFT or not held:
        name = article.path if article else number
        raise Refused(f"{name} waits for no review; `feedwright review list` shows what does")
    return held
