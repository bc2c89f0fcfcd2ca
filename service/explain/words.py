"""Pure: verdicts, licenses and states of articles in words that an editor understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.sanitize import POLICY_VERSION
from service import terms
from service.model import Status, Verdict
from service.terms import Extent

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config
    from service.model import Article
    from service.store.merges import Merge
    from service.store.tracing import Kept

_SAID = {
    Verdict.IMPORTED: "taken in",
    Verdict.EDITED: "its source changed it, and so did we",
    Verdict.UNCHANGED: "looked at again; nothing to change",
    Verdict.WITHDRAWN: "withdrawn by its source",
    Verdict.MERGED: "taken for a copy of what is here already",
    Verdict.REFUSED: "refused",
    Verdict.EXCLUDED: "kept out by a rule of its source",
    Verdict.TOO_OLD: "too old when it first came",
    Verdict.WAITING: "put into the review queue",
    Verdict.REJECTED: "rejected in the review",
    Verdict.CUT: "left for the next poll, as this one brought too much",
    Verdict.UNREADABLE: "nothing in it to show",
}
_ADVICE = {
    Verdict.REFUSED: "`feedwright source reapply {source}` tries again once its terms have changed",
    Verdict.EXCLUDED: "change the rule in config.toml, then `feedwright source reapply {source}`",
    Verdict.TOO_OLD: "change `oldest` of [[sources]], then `feedwright source reapply {source}`",
    Verdict.WAITING: "`feedwright review approve {article}` publishes it",
    Verdict.REJECTED: "`feedwright review approve {article}` lets it in after all",
    Verdict.CUT: "`feedwright poll {source}` takes in the next ones",
    Verdict.MERGED: "`feedwright merges undo {merge}` makes it an article of its own",
}
_HELD_BACK = {
    Verdict.WAITING: "waiting for a review",
    Verdict.REJECTED: "rejected in the review",
    Verdict.WITHDRAWN: "withdrawn by its source before it was published",
}
_IN_FEEDS = {
    Extent.FULL: "our feeds carry the whole text",
    Extent.SUMMARY: "our feeds carry headline, summary and link",
    Extent.NONE: "nothing of it may leave in our feeds",
}
_FOR_OTHERS = {
    Extent.FULL: "others may republish it",
    Extent.SUMMARY: "others may show headline, summary and link",
    Extent.NONE: "others may show nothing of it",
}
_UNKNOWN = "none is known"


def advice(kept: Kept, merge: Merge | None) -> str:
    """What to do about the fate of an entry; empty where nothing is to be done."""
    told = _ADVICE.get(kept.entry.verdict, "")
    if kept.entry.verdict is Verdict.MERGED and merge is None:
        return ""
    return told.format(
        source=kept.source, article=kept.entry.article, merge=merge.id if merge else None
    )


def told(verdict: Verdict, reason: str) -> str:
    """A verdict with its reason."""
    said = _SAID[verdict]
    return f"{said}: {reason}" if reason else said


def standing(article: Article, last: Verdict | None) -> str:
    """Where an article stands; `last` is the last fate of its entry, if it came from a source."""
    match article.status:
        case Status.PUBLISHED:
            ends = f", until {when(article.expires)}" if article.expires else ""
            return f"published{ends}"
        case Status.SCHEDULED:
            return f"scheduled, comes out at {when(article.release or article.published)}"
        case Status.RETRACTED:
            is_over = bool(
                article.expires and article.retracted and article.expires <= article.retracted
            )
            what = "expired" if is_over else "retracted"
            return f"{what} at {when(article.retracted)}: {article.retraction_reason}"
        case Status.MERGED:
            return "a copy, kept unseen"
        case Status.DRAFT:
            return _HELD_BACK.get(last, _SAID[last]) if last else "a draft"


def cleaned(policy: int) -> str:
    """By which cleaning a text went."""
    if policy >= POLICY_VERSION:
        return f"by policy {policy}, the current one"
    return f"by policy {policy}; `feedwright reclean` brings it to {POLICY_VERSION}"


def licensed(config: Config, article: Article, now: datetime) -> str:
    """The license that holds for an article, whence it comes, and what it allows."""
    held = terms.of(config, article, now)
    allows = f"{_IN_FEEDS[held.extent]}; {_FOR_OTHERS[held.republish]}"
    if held.is_abridged:
        allows += " (its source is shown by summaries)"
    if held.has_ended:
        return f"{held.name}, which has ended: {allows}"
    if held.license is None:
        return f"{_UNKNOWN}: {allows}"
    return f"{held.license.name} ({held.name}, {_whence(config, article)}): {allows}"


def _whence(config: Config, article: Article) -> str:
    if article.license:
        return "its own"
    source = config.source(article.source) if article.source else None
    if source and source.license:
        return f"of the source {source.slug}"
    of_category = any(
        f"{it.scheme}/{it.slug}" in config.precedence.categories for it in article.categories
    )
    return "of a category" if of_category else "of the site"


def when(moment: datetime | None) -> str:
    """A moment to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
