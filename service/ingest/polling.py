"""One poll of one source, from its beginning to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import StoreError
from service.ingest.asking import ask
from service.ingest.poll import Ended, Poll, Reply
from service.ingest.turning import save
from service.model import PollResult
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from service.ingest.turning import Waiting
    from service.model import PollOutcome


def poll_source(poll: Poll, waiting: Waiting) -> Ended:
    """Ask a source once, take in what is new, and write down how it went and where the source stands now.

    If that ends the visit to its host, the next host that waits is claimed.

    Raises:
        LeaseLost: Another process polls the host now; what this poll had not yet saved is dropped.
        StoreError: The database cannot be used; what this poll had not yet saved is asked for again.
    """
    try:
        ended = save(poll, ask(poll), waiting)
    except StoreError:  # ours and not the source's: nothing is written down against it
        raise
    except Exception as error:  # whatever it was, it is this source's failure and nobody else's
        log().exception("poll broke", source=poll.source.slug)
        broken = Reply(PollResult.FAILED, f"an error of ours: {error}")
        ended = save(poll, broken, waiting)
    outcome = ended.outcome
    _measure(outcome)
    log().info(
        "poll ended",
        source=outcome.source,
        result=outcome.result.value,
        status=outcome.http_status,
        imported=outcome.imported,
        edited=outcome.edited,
        withdrawn=outcome.withdrawn,
        reason=outcome.reason,
        next_at=outcome.next_at.isoformat(timespec="seconds"),
    )
    return ended


def _measure(outcome: PollOutcome) -> None:
    metrics.polled(
        outcome.result.value,
        seconds=outcome.milliseconds / 1000,
        size=outcome.bytes,
        verdicts={
            "imported": outcome.imported,
            "edited": outcome.edited,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
            "withdrawn": outcome.withdrawn,
            "waiting": outcome.waiting,
        },
    )
