"""feedwright poll; feedwright source poll."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from service import ingest, processes
from service.cli import output
from service.model import PollResult

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import PollOutcome

_REASONS_TOLD, _HOSTS_TOLD = 5, 3


@click.command(epilog="Examples: feedwright poll; feedwright poll nasa; feedwright poll --all")
@click.argument("slug", metavar="[SOURCE]", required=False)
@click.option("--all", "every", is_flag=True, help="Poll every source, due or not.")
@output.as_json
@click.pass_obj
def poll(file: Path | None, slug: str | None, every: bool, as_json: bool) -> None:
    """Poll what is due now, or one SOURCE whether it is due or not.

    Hosts are polled side by side, each with one request at a time.

    The exit code is 1 when a poll failed, or when the database refused a host; the others are polled all the
    same.
    """
    found = ingest.Round([], {})
    processes.share_memory()
    if slug:
        with output.runtime(file) as held:
            found.outcomes.append(ingest.poll_named(held, slug, owner=processes.owner()))
    else:
        found = ingest.poll_round(output.prepared(file), only_due=not every)
    _tell(found, as_json=as_json)


def _tell(found: ingest.Round, *, as_json: bool) -> None:
    if as_json:
        output.show(found.outcomes)
    else:
        for outcome in found.outcomes:
            click.echo(_told(outcome))
        if not (found.outcomes or found.refused):
            click.echo("nothing is due")
    _tell_refused(found.refused)
    if found.refused or any(it.result is PollResult.FAILED for it in found.outcomes):
        raise SystemExit(1)


def _tell_refused(refused: dict[str, str]) -> None:
    if not refused:
        return
    hosts = "1 host" if len(refused) == 1 else f"{len(refused)} hosts"
    click.echo(
        f"{hosts} could not be polled to the end; what was not kept is asked again", err=True
    )
    for reason, number in Counter(refused.values()).most_common(_REASONS_TOLD):
        names = [host for host, why in refused.items() if why == reason][:_HOSTS_TOLD]
        more = f" and {number - len(names)} more" if number > len(names) else ""
        click.echo(f"  {', '.join(names)}{more}: {reason}", err=True)


def _told(outcome: PollOutcome) -> str:
    counts = ("imported", "edited", "unchanged", "withdrawn", "waiting", "refused")
    told = [f"{number} {name}" for name in counts if (number := getattr(outcome, name))]
    return f"{outcome.source}: {outcome.result.value}" + "".join(
        f"; {part}" for part in (outcome.reason, ", ".join(told), _next(outcome)) if part
    )


def _next(outcome: PollOutcome) -> str:
    return f"next at {output.when(outcome.next_at)}, {outcome.next_reason}"


@click.command("poll", epilog="Example: feedwright source poll nasa")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def poll_one(file: Path | None, slug: str, as_json: bool) -> None:
    """Poll one source now, due or not, paused or not. The exit code is 1 when that failed."""
    with output.runtime(file) as held:
        outcome = ingest.poll_named(held, slug, owner=processes.owner())
    _tell(ingest.Round([outcome], {}), as_json=as_json)
