"""feedwright reclean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import recleaning
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@output.as_json
@click.pass_obj
def reclean(file: Path | None, as_json: bool) -> None:
    """Clean texts anew that an older release has cleaned, from what sources sent.

    Dates stay as they are. It can be stopped at any time, and called again; the service goes on meanwhile.
    """
    with output.runtime(file, makes=False) as held, output.watched("Cleaning") as progress:
        found = recleaning.reclean(held, progress=progress)
    if as_json:
        output.show(found)
        return
    click.echo(f"{found.done} texts cleaned anew, {found.changed} of them changed")
    if found.as_stored:
        told = "what was sent cannot be read again"
        click.echo(f"{found.as_stored} texts of sources cleaned as they stood: {told}", err=True)
    if found.left:
        click.echo(f"{found.left} were saved by others meanwhile; call it again", err=True)
