"""feedwright merges list, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import merging
from service.cli import output
from service.errors import NotFound
from service.store import merges as written

if TYPE_CHECKING:
    from pathlib import Path

    from service.store.merges import Merge

_SHOWN = 50


@click.group()
def merges() -> None:
    """See what was taken for one article, and part what was not."""


@merges.command(
    "list", epilog="Examples: feedwright merges list; ... list lantern --limit 10; ... list --json"
)
@click.argument("slug", metavar="[SOURCE]", required=False)
@click.option("--limit", default=_SHOWN, show_default=True, type=click.IntRange(min=1))
@output.as_json
@click.pass_obj
def list_(file: Path | None, slug: str | None, limit: int, as_json: bool) -> None:
    """List what was taken for one article and why, the latest first; of all sources or of one.

    A "copy" is an entry that another source has sent, too; a "key" an entry that came under another id.
    """
    with output.runtime(file) as held, held.store.reading() as tx:
        if slug and held.config.source(slug) is None:
            raise NotFound(f"there is no source {slug!r} in config.toml")
        found = written.listed(tx, limit=limit, source=slug)
    if as_json:
        output.show(found)
        return
    output.table(
        ("merge", "at (UTC)", "kind", "source", "article", "reason", "undone (UTC)"),
        [(it.id, it.at, it.kind, it.source, it.path, _reason(it), it.undone) for it in found],
    )


@merges.command(epilog="Example: feedwright merges undo 17")
@click.argument("number", metavar="MERGE", type=int)
@output.as_json
@click.pass_obj
def undo(file: Path | None, number: int, as_json: bool) -> None:
    """Make two articles again of what MERGE, a number of the list, took for one.

    A copy is published as an article of its own. Of an entry under two keys the old one keeps the article,
    the new one gets another that says the same, until the source edits either. They stay two.
    """
    with output.runtime(file) as held, held.store.writing() as tx:
        found = written.at(tx, number)
        if found is None:
            raise NotFound(f"there is no merge {number}; `feedwright merges list` shows all")
        merging.undo(tx, found, now=held.clock.now())
        parted = written.at(tx, number)
    if as_json:
        output.show(parted)
        return
    click.echo(f"merge {number} of {found.source} is undone")


def _reason(it: Merge) -> str:
    return f"{it.reason}: {it.old} is {it.new}" if it.new else it.reason
