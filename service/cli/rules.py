"""feedwright source reapply, terms: what the rules of a source make of what it sent before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from service import reapplying, unmapped
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    from service.reapplying import Difference, Reapplied
    from service.runtime import Runtime


@click.command(
    epilog="Examples: feedwright source reapply nasa; feedwright source reapply nasa --yes --json"
)
@click.argument("slug", metavar="SOURCE")
@click.option("--yes", "save", is_flag=True, help="Save without asking.")
@output.as_json
@click.pass_obj
def reapply(file: Path | None, slug: str, save: bool, as_json: bool) -> None:
    """Run changed rules over all that a source sent, show what that changes, and save it if you agree.

    Nobody is asked over the network. With --json nothing is saved unless --yes is there, too.
    """
    with output.runtime(file, makes=False) as held:
        found = _applied(held, slug, save=save)
        if as_json:
            output.show({"source": slug, "saved": save, **_told(found)})
            return
        _tell(found)
        if found.differences and not save and _agreed(len(found.differences)):
            saved = _applied(held, slug, save=True)
            click.echo(f"saved: {len(saved.differences)} entries")
        elif save and found.differences:
            click.echo("saved")


def _applied(held: Runtime, slug: str, *, save: bool) -> Reapplied:
    with output.watched("Applying the rules") as progress:
        return reapplying.reapply(held, slug, save=save, progress=progress)


def _agreed(number: int) -> bool:
    try:
        return click.confirm(f"Save these changes of {number} entries?")
    except click.Abort:
        click.echo("\nnothing was saved; --yes saves without asking")
        return False


def _told(found: Reapplied) -> dict[str, object]:
    return {
        "not_read": found.unread,
        "differences": [
            {
                "entry": it.key,
                "title": it.title,
                "before": it.before.value,
                "after": it.after.value,
                "reason": it.reason,
                "changes": {
                    name: {"before": before, "after": after}
                    for name, (before, after) in it.fields.items()
                },
            }
            for it in found.differences
        ],
    }


def _tell(found: Reapplied) -> None:
    for it in found.differences:
        click.echo(f"{click.style(it.title, bold=True)}: {_outcome(it)}")
        for name, (before, after) in it.fields.items():
            click.echo(f"  {name}")
            _line("-", before, "red")
            _line("+", after, "green")
    if found.unread:
        click.echo(f"{found.unread} entries cannot be read again, and stay as they are", err=True)
    if not found.differences:
        click.echo("the rules make the same of everything")


def _outcome(it: Difference) -> str:
    moved = "" if it.before is it.after else f"was {it.before.value}, "
    return f"{moved}{it.after.value} ({it.reason})" if it.reason else f"{moved}{it.after.value}"


def _line(mark: str, value: str, color: str) -> None:
    if value:
        click.echo(click.style(f"    {mark} {value}", fg=color))


@click.command(epilog="Example: feedwright source terms nasa")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def terms(file: Path | None, slug: str, as_json: bool) -> None:
    """List the terms of a source that are filed nowhere, the most frequent first.

    Give each a place in [sources.terms], or an empty list to leave it out; then `source reapply`.
    """
    with output.runtime(file, makes=False) as held, output.watched("Reading") as progress:
        found = unmapped.unmapped_terms(held, slug, progress=progress)
    if as_json:
        output.show(found)
        return
    if not found:
        click.echo("every term is filed somewhere, or left out by [sources.terms]")
        return
    output.table(
        ("entries", "last came (UTC)", "term, as a line of [sources.terms]", "example"),
        [
            (
                it.entries,
                it.last_seen,
                f"{json.dumps(it.term, ensure_ascii=False)} = []",
                it.example,
            )
            for it in found
        ],
    )
