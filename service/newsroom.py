"""What editors do: write, release, retract. The command line calls these; forms and the API will too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import NotFound, Refused
from service.model import Status
from service.store import articles

if TYPE_CHECKING:
    from service.model import Article, Saved
    from service.runtime import Runtime


def write(runtime: Runtime, draft: Article) -> Saved:
    """Save an article as written: a new one, or an edit of the one it is found to be."""
    with runtime.store.writing() as tx:
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
