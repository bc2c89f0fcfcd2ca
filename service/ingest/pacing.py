"""When a source is asked next, by what is known of it after a poll."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service import politeness
from service.politeness import Pace, Wishes

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Fetch, SourceSettings
    from service.fetch import Answer
    from service.model import Source
    from service.politeness import NextPoll


def following(
    source: Source,
    settings: SourceSettings,
    fetch: Fetch,
    now: datetime,
    answer: Answer | None = None,
) -> NextPoll:
    """The next poll of a source that stands as told, after this answer if there was one."""
    return politeness.next_poll(
        now,
        slug=source.slug,
        pace=_pace(source, settings, fetch, now),
        wishes=Wishes(source.asked_every, source.skip_hours, source.skip_days),
        failing=source.failing(now),
        status=answer.status if answer else None,
        headers=answer.headers if answer else {},
    )


def _pace(source: Source, settings: SourceSettings, fetch: Fetch, now: datetime) -> Pace:
    tells_validators = bool(source.etag or source.last_modified)
    return Pace(
        floor=settings.between_polls,
        ceiling=settings.interval_most or fetch.interval_most,
        agreed=settings.interval_agreed,
        conditional=tells_validators or source.last_success is None,
        rhythm=source.rhythm,
        silence=max(now - source.last_new, timedelta()) if source.last_new else timedelta(),
    )
