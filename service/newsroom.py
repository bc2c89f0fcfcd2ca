"""What editors do: write, release, retract, restore. Commands call these; forms and the API will too."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service import endings
from service.errors import NotFound, Refused, StoreError
from service.model import Status
from service.store import articles
from service.telemetry import log

if TYPE_CHECKING:
    from service.model import Article, Saved
    from service.runtime import Runtime

_PATIENCE = timedelta(seconds=10)  # with other writers
_READERS_WAIT = timedelta(seconds=0.2)  # for the writer, when something is due by time


def write(runtime: Runtime, draft: Article) -> Saved:
    """Save an article as written: a new one, or an edit of the one it is found to be."""
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [draft], now=runtime.clock.now())
    return saved


def add(runtime: Runtime, draft: Article, *, replace: bool) -> Saved:
    """Save an article that a person hands in by itself, unless that would take another's place unseen.

    Raises:
        Refused: An article of another title is known by the same month and slug; `replace` takes its place.
    """
    with runtime.store.writing() as tx:
        known = None if replace or draft.guid else articles.known(tx, draft)
        if known is not None and known.title != draft.title:
            raise Refused(
                f"{known.path} is “{known.title}” already; give this one a slug of its own in its front"
                " matter, or add --force to replace what is there"
            )
        (saved,) = articles.save(tx, [draft], now=runtime.clock.now())
    return saved


def find(runtime: Runtime, name: str) -> Article:
    """The article that a person means by path, address, entry id or number.

    Raises:
        NotFound: There is none.
    """
    with runtime.store.reading() as tx:
        article = articles.find(tx, name)
    if article is None:
        raise NotFound(
            f"there is no article {name!r}; `feedwright article list` shows what there is"
        )
    return article


def listed(runtime: Runtime, *, status: Status | None, limit: int) -> list[Article]:
    """Articles of any status or of one, the last published first."""
    with runtime.store.reading() as tx:
        return articles.listed(tx, status=status, limit=limit)


def retract(runtime: Runtime, name: str, *, reason: str) -> Article:
    """Withdraw an article from its page and from every feed, and tell readers why.

    Raises:
        NotFound: There is none of that name.
        Refused: It is retracted already, or was never published.
    """
    article = find(runtime, name)
    if not reason.strip():
        raise Refused("a retraction needs a reason: readers are told it")
    if article.status is not Status.PUBLISHED:
        raise Refused(
            f"{article.path} is {article.status.value}, only what is published is retracted;"
            ' import its file with status = "draft" to hold it back'
        )
    with runtime.store.writing() as tx:
        articles.retract(tx, article.id, reason=reason, now=runtime.clock.now())
    return find(runtime, str(article.id))


def restore(runtime: Runtime, name: str) -> Article:
    """Publish a retracted article again, as edited now: readers that took it out go by that (RFC 6721).

    Raises:
        NotFound: There is none of that name.
        Refused: It is not retracted, or the time for which it could be published is over.
    """
    article, now = find(runtime, name), runtime.clock.now()
    if article.status is not Status.RETRACTED:
        raise Refused(f"{article.path} is {article.status.value}, not retracted")
    if article.expires is not None and article.expires <= now:
        raise Refused(
            f"{article.path} was to be shown until {article.expires:%Y-%m-%d %H:%M} UTC only"
        )
    with runtime.store.writing() as tx:
        articles.restore(tx, article.id, now=now, updated=now)
    return find(runtime, str(article.id))


def settle(runtime: Runtime, *, wait: timedelta = _PATIENCE) -> None:
    """Publish the scheduled articles whose time has come, withdraw those whose time is over, end licenses.

    Whoever first sees that something is due does it, scheduler or reader.

    Raises:
        StoreError: The database cannot be asked, or be written to within `wait`.
    """
    now = runtime.clock.now()
    with runtime.store.reading() as tx:  # so that the writer is not disturbed for nothing
        turns = (articles.next_change(tx), endings.next_change(runtime.config, tx, now))
    if not any(it is not None and it <= now for it in turns):
        return
    while _settle_some(runtime, wait):
        pass


def settle_if_possible(runtime: Runtime) -> None:
    """The same for a reader, who is answered with what there is when the database takes no writing."""
    try:
        settle(runtime, wait=_READERS_WAIT)
    except StoreError as error:
        log().warning("articles may be due, but cannot be settled", reason=str(error))


def _settle_some(runtime: Runtime, wait: timedelta) -> bool:
    """Settle a short transaction's worth. Gives whether there was any."""
    with runtime.store.writing(wait) as tx:
        now = runtime.clock.now()
        released, expired = articles.release_due(tx, now), articles.expire_due(tx, now)
        ended = endings.settle(runtime.config, tx, now)
    if released or expired or ended:
        log().info("what was due is settled", released=released, expired=expired, licenses=ended)
    return bool(released or expired or ended)
