"""feedwright source list, show; the others of the group stand in modules of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from service import lists as feed_lists
from service.cli import later, output
from service.config import LIST
from service.errors import NotFound
from service.politeness import Move, standing
from service.politeness.wishes import told
from service.store import polls, sources

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import PollOutcome, Source
    from service.runtime import Runtime

_POLLS_SHOWN = 10
_COMMANDS = (
    ("export", "lists:export", "Write the sources as an OPML list that other readers take."),
    (
        "import",
        "lists:import_",
        "Add the feeds of an OPML list to config.toml, as other readers export it.",
    ),
    (
        "pause",
        "adding:pause",
        "Poll a source no more until it is resumed: writes paused = true into config.toml.",
    ),
    ("poll", "polling:poll_one", "Poll one source now, due or not, paused or not."),
    (
        "reapply",
        "rules:reapply",
        "Run changed rules over all that a source sent, show what that changes, and save it if you agree.",
    ),
    (
        "resume",
        "adding:resume",
        "Poll a source again, at the time that it was due or now: writes paused = false into config.toml.",
    ),
    (
        "terms",
        "rules:terms",
        "List the terms of a source that are filed nowhere, the most frequent first.",
    ),
    (
        "try",
        "adding:try_",
        "Look at a feed, or at the page of a site that announces one, before it becomes a source.",
    ),
)


@click.group(cls=later.Group)
def source() -> None:
    """See where the partners' feeds stand, and what their rules make of them."""


for it in _COMMANDS:
    source.add_command(later.Later(*it))


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
