"""feedwright source list, show, poll; feedwright poll."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from service import ingest, processes
from service import lists as feed_lists
from service.cli import adding, lists, output, rules
from service.config import LIST
from service.errors import NotFound
from service.model import PollResult
from service.politeness import Move, standing
from service.politeness.wishes import told
from service.store import polls, sources

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import PollOutcome, Source
    from service.runtime import Runtime

_POLLS_SHOWN = 10
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


@click.group()
def source() -> None:
    """See where the partners' feeds stand, and what their rules make of them."""


@source.command("poll", epilog="Example: feedwright source poll nasa")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def poll_one(file: Path | None, slug: str, as_json: bool) -> None:
    """Poll one source now, due or not, paused or not. The exit code is 1 when that failed."""
    with output.runtime(file) as held:
        outcome = ingest.poll_named(held, slug, owner=processes.owner())
    _tell(ingest.Round([outcome], {}), as_json=as_json)


for it in (adding.try_, adding.pause, adding.resume, lists.import_, lists.export):
    source.add_command(it)
source.add_command(rules.reapply)
source.add_command(rules.terms)


@source.command("list")
@output.as_json
@click.pass_obj
def list_(file: Path | None, as_json: bool) -> None:
    """List the sources with their last success, last error and next poll."""
    with output.runtime(file, makes=False) as held, held.store.reading() as tx:
        found, brought_by = sources.listed(tx), feed_lists.origins(tx, held.config)
    if as_json:
        output.show([{**asdict(it), "list": brought_by.get(it.slug)} for it in found])
        return
    output.table(
        ("source", "from", "state", "last success (UTC)", "failures", "next poll (UTC)", "last error"),
        [
            (it.slug, _origin(it, brought_by), _state(it), it.last_success, it.failures, it.next_at,
             it.last_error)
            for it in found
        ],
    )  # fmt: skip


def _origin(it: Source, brought_by: dict[str, str]) -> str:
    """Where a source was named."""
    return f"{LIST}{brought_by[it.slug]}" if it.slug in brought_by else "config.toml"


@source.command(epilog="Example: feedwright source show nasa")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def show(file: Path | None, slug: str, as_json: bool) -> None:
    """Show one source and its latest polls."""
    with output.runtime(file, makes=False) as held:
        found, latest = _with_polls(held, slug)
        with held.store.reading() as tx:
            brought_by = feed_lists.origins(tx, held.config)
    if as_json:
        told = {**asdict(found), "list": brought_by.get(found.slug)}
        output.show({"source": told, "polls": latest})
        return
    for label, value in [*_parts(found), ("from", _origin(found, brought_by))]:
        if value:
            click.echo(f"{label + ':':<15}{value}")
    output.table(
        ("poll (UTC)", "status", "result", "new", "edited", "withdrawn", "bytes", "ms", "reason"),
        [
            (it.at, it.http_status, it.result.value, it.imported, it.edited, it.withdrawn, it.bytes,
             it.milliseconds, it.reason or it.next_reason)
            for it in latest
        ],
    )  # fmt: skip


def _with_polls(held: Runtime, slug: str) -> tuple[Source, list[PollOutcome]]:
    with held.store.reading() as tx:
        found = sources.at(tx, slug)
        if found is None:
            raise NotFound(f"there is no source {slug!r}; `feedwright source list` shows them")
        return found, polls.listed(tx, found.id, limit=_POLLS_SHOWN)


def _state(it: Source) -> str:
    return "dead" if it.is_dead(datetime.now(UTC)) else it.state.value


def _redirect(it: Source) -> str | None:
    if it.move_to is None or it.move_since is None:
        return None
    move = Move(it.move_to, it.move_since, it.move_sightings, it.move_known)
    found = standing(move, asked=it.asked, now=datetime.now(UTC))
    return f"{it.move_to}, in {it.move_sightings} polls since {output.when(it.move_since)}; {found.value}"


def _parts(it: Source) -> list[tuple[str, object]]:
    return [
        ("source", it.slug),
        ("name", it.name),
        ("feed", it.url),
        ("title", it.feed_title),
        ("moved to", it.address),
        ("redirects to", _redirect(it)),
        ("state", _state(it)),
        ("last poll", output.when(it.last_poll)),
        ("last success", output.when(it.last_success)),
        ("next poll", output.when(it.next_at)),
        ("failures", it.failures),
        ("failing since", output.when(it.failing_since)),
        ("news every", told(it.rhythm) if it.rhythm else None),
        ("archives left", it.archive and it.archives_left),
        ("last error", it.last_error),
        ("ETag", it.etag),
        ("Last-Modified", it.last_modified),
    ]
