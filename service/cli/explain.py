"""feedwright explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from service import explain as telling
from service.cli import output
from service.explain.finding import LOOKED_FOR

if TYPE_CHECKING:
    from pathlib import Path

    from service.explain import Decided, EntryStory, Explanation, Placed, SourceStory, Story
    from service.store.merges import Merge

_SHOWN = 2  # polls of a source that might have it


@click.command(
    epilog="Examples: feedwright explain https://lantern.example/2026/ferries;"
    " feedwright explain 2026/11/ferries; feedwright explain tag:lantern.example,2026:7 --json;"
    " feedwright explain https://lantern.example/feed.atom"
)
@click.argument("name", metavar="URL|ID")
@output.as_json
@click.pass_obj
def explain(file: Path | None, name: str, as_json: bool) -> None:
    """Tell the whole story of an article or an entry: what came when, what became of it, and why.

    It is named by the address of its page here or at its source, by its entry id, path or number. The address
    of a source's feed, or its slug, tells of the latest polls and of what became of all its entries.

    The exit code is 1 when nothing of that name is known.
    """
    with output.runtime(file, makes=False) as held:
        found = telling.explain(held, name.strip())
    if as_json:
        output.show({**asdict(found), "looked_for": LOOKED_FOR if not found.is_known else []})
    elif found.is_known:
        _tell(found)
    else:
        _tell_unknown(found)
    if not found.is_known:
        raise SystemExit(1)


def _tell(found: Explanation) -> None:
    for story in found.stories:
        _tell_story(story)
    for source in found.sources:
        _tell_source(source)


def _tell_story(it: Story) -> None:
    click.secho(it.title or it.entries[0].id, bold=True)
    _lines(
        ("stands", it.standing),
        ("published", output.when(it.published)),
        ("page here", it.address),
        ("original", it.original),
        ("entry id", it.id),
        ("number", it.number),
        ("license", it.license),
        ("cleaned", it.cleaned),
    )
    for entry in it.entries:
        _tell_entry(entry)
    if it.merges:
        click.echo("taken for one article:")
        for merge in it.merges:
            click.echo(f"  {_merged(merge)}")
    if it.no_feeds:
        click.echo(f"in no feed: {it.no_feeds}")
    for place in it.feeds:
        click.echo(_place(place))


def _tell_entry(it: EntryStory) -> None:
    click.echo(f"sent by {it.source_name} ({it.source}), known by its {it.known_by} {it.id}")
    _lines(
        ("first seen", output.when(it.first_seen)),
        ("its date", it.published_as_written or it.updated_as_written),
        ("now", it.told),
        ("to do", it.advice),
    )
    for step in it.steps:
        click.echo(f"  {output.when(step.at)}: {step.told}{_poll(step)}")


def _poll(it: Decided) -> str:
    return f" (poll {it.poll} of {it.poll_url})" if it.poll else ""


def _merged(it: Merge) -> str:
    what = f": {it.old} is {it.new}" if it.new else ""
    undone = f", undone at {output.when(it.undone)}" if it.undone else ""
    return f"{output.when(it.at)}: merge {it.id} of {it.source}, {it.reason}{what}{undone}"


def _place(it: Placed) -> str:
    archive = f"; archived in {it.archive}" if it.archive else ""
    return (
        f"in {it.address}{archive}" if it.is_shown else f"not in {it.address}: {it.reason}{archive}"
    )


def _tell_source(it: SourceStory) -> None:
    found = it.source
    click.secho(f"{found.name}, the source {found.slug}", bold=True)
    counts = ", ".join(f"{number} {verdict.value}" for verdict, number in it.verdicts.items())
    _lines(
        ("feed", found.asked),
        ("named by", f"the list {it.list}" if it.list else "config.toml"),
        ("state", found.state.value),
        ("next poll", output.when(found.next_at)),
        ("entries", counts or "none yet"),
    )
    for poll in it.polls:
        told = "; ".join(filter(None, (poll.reason, f"{poll.imported} new, {poll.edited} edited")))
        click.echo(f"  {output.when(poll.at)}: {poll.result.value}; {told}")


def _tell_unknown(found: Explanation) -> None:
    click.echo(f"Error: nothing is known of {found.asked!r}. It was looked for as", err=True)
    for what in LOOKED_FOR:
        click.echo(f"  {what}", err=True)
    for near in found.nearest:
        click.echo(f"known is {near}", err=True)
    for it in found.hosts:
        told = [f"{output.when(at.at)} {at.result.value} {at.reason}".strip() for at in it.polls]
        last = "; ".join(told[:_SHOWN]) or "not polled yet"
        click.echo(
            f"it may be of the source {it.source.slug}: {last}."
            f" `feedwright poll {it.source.slug}` asks it now",
            err=True,
        )


def _lines(*parts: tuple[str, object]) -> None:
    for label, value in parts:
        if value:
            click.echo(f"  {label + ':':<12}{value}")
