"""One poll of one source, from its beginning to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import StoreError
from service.ingest.asking import ask
from service.ingest.pacing import following
from service.ingest.poll import Poll, Reply
from service.ingest.recording import save
from service.model import PollResult
from service.store import leases, polls
from service.telemetry import log, metrics

if TYPE_CHECKING:
    from service.config import SourceSettings
    from service.model import HostLease, PollOutcome, Source
    from service.runtime import Runtime


def poll_source(
    runtime: Runtime, lease: HostLease, source: Source, settings: SourceSettings, url: str
) -> tuple[PollOutcome, Source]:
    """Ask a source once, take in what is new, and write down how it went and where the source stands now.

    `url` is the source's own address, or that of its next archive document.

    Raises:
        LeaseLost: Another process polls the host now; what this poll had not yet saved is dropped.
        StoreError: The database cannot be used; what this poll had not yet saved is asked for again.
    """
    poll = _begin(runtime, lease, source, settings, url)
    try:
        outcome, stands = save(poll, ask(poll))
    except StoreError:  # ours and not the source's: nothing is written down against it
        raise
    except Exception as error:  # whatever it was, it is this source's failure and nobody else's
        log().exception("poll broke", source=source.slug)
        outcome, stands = save(poll, Reply(PollResult.FAILED, f"an error of ours: {error}"))
    _measure(outcome)
    log().info(
        "poll ended",
        source=source.slug,
        result=outcome.result.value,
        status=outcome.http_status,
        imported=outcome.imported,
        edited=outcome.edited,
        withdrawn=outcome.withdrawn,
        reason=outcome.reason,
        next_at=outcome.next_at.isoformat(timespec="seconds"),
    )
    return outcome, stands


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


def _begin(
    runtime: Runtime, lease: HostLease, source: Source, settings: SourceSettings, url: str
) -> Poll:
    """Store when the next poll is due before anything is asked, so no crash polls early (POL-08)."""
    with runtime.store.writing() as tx:
        started, held_from = runtime.clock.now(), runtime.clock.monotonic()
        leases.hold(tx, lease, now=started)
        due = following(source, settings, runtime.config.fetch, started).at
        if url == source.archive and source.next_at:
            due = source.next_at
        row_id = polls.begin(tx, lease, source, url, at=started, next_at=due)
    return Poll(runtime, lease, source, settings, url, started, held_from, row_id)
