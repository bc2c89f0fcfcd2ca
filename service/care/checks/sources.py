"""The partners' feeds: which fail, were stopped, wait too long or cannot be read, and what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service.care.findings import good, warning
from service.model import SourceState
from service.store import reviews, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.care.findings import Finding
    from service.model import Source
    from service.store import Store

_LATE = timedelta(minutes=15)
_SHOW = "feedwright source show {slug} lists its polls"


def examined(store: Store) -> Iterator[Finding]:
    """A finding for each source in trouble, and one for all."""
    now = datetime.now(UTC)
    with store.reading() as tx:
        found = sources.listed(tx)
        waiting = reviews.number_waiting(tx)
    troubles = [it for source in found if (it := _trouble(source, now))]
    yield from troubles
    polled = sum(it.state is SourceState.ACTIVE for it in found)
    yield good("sources", f"{polled} polled, {len(troubles)} failing")
    late = [it for it in found if _is_late(it, now)]
    if late:
        told = f"{len(late)} sources are overdue, such as {late[0].slug}"
        yield warning("due work", told, "start `feedwright serve`, or raise [fetch] hosts_at_once")
    else:
        yield good("due work", "none waits for long")
    if waiting:
        yield good("reviews", f"{waiting} entries wait: `feedwright review list`")


def _is_late(source: Source, now: datetime) -> bool:
    is_due = source.state is SourceState.ACTIVE and source.next_at is not None
    return is_due and source.next_at is not None and now - source.next_at > _LATE


def _trouble(source: Source, now: datetime) -> Finding | None:
    """What is wrong with a source that should bring something."""
    about = f"source {source.slug}"
    if source.state is SourceState.STOPPED:
        remedy = "ask the partner, then change its url or take it out of config.toml"
        return warning(about, f"stopped: {source.last_error}", remedy)
    if source.state is not SourceState.ACTIVE or source.last_poll is None:
        return None
    told, remedy = _told(source, now)
    show = _SHOW.format(slug=source.slug)
    return warning(about, told, f"{remedy}; {show}" if remedy else show) if told else None


def _told(source: Source, now: datetime) -> tuple[str, str]:
    """What is wrong with a source that is polled, empty for nothing, and the remedy if one is known."""
    if source.quarantined and source.failures:
        remedy = "ask the partner to mend the feed; another document lifts the quarantine"
        return f"quarantined: {source.last_error}", remedy
    if source.is_dead(now):
        since = f"dead: all polls have failed since {source.failing_since:%Y-%m-%d}"
        return f"{since}, {source.last_error}", "ask the partner, or take it out of config.toml"
    if source.last_success is None:
        told = source.last_error or "its first poll has not ended"
        return f"never succeeded: {told}", "look whether its url is right"
    if source.failures:
        return f"failed at its last poll: {source.last_error}", ""
    if source.move_to:
        return f"redirects for good to {source.move_to}", "change its url in config.toml if so"
    return "", ""
