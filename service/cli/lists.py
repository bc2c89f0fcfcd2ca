"""feedwright source import, export: lists of feeds, as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from service import outlining, trying
from service.cli import output
from service.config import editing

if TYPE_CHECKING:
    from pathlib import Path

    from service.config import Config
    from service.outlining import Listed


@click.command(
    "import",
    epilog="Examples: feedwright source import reader.opml --dry-run; feedwright source import reader.opml",
)
@click.argument("opml", metavar="FILE", type=click.File("rb"))
@click.option("--dry-run", "is_trial", is_flag=True, help="Only show what would be added.")
@output.as_json
@click.pass_obj
def import_(file: Path | None, opml: BinaryIO, is_trial: bool, as_json: bool) -> None:
    """Add the feeds of an OPML list to config.toml, as other readers export it.

    Feeds that are sources already are passed over. The new ones are under unknown terms: give each a license,
    else only headline, summary and link go out. What cannot be a source is listed with its reason; the exit
    code is then 1.
    """
    config = _settings(file)
    found = outlining.read(config, opml.read(outlining.MOST + 1))
    if found.tables and not is_trial:
        path = trying.file_of(config)
        editing.edit(path, lambda text: editing.with_sources(text, found.tables))
        with output.runtime(file):
            pass
    if as_json:
        refused = [{"name": name, "reason": why} for name, why in found.refused]
        output.show({"added": found.tables, "known": found.known, "refused": refused})
    else:
        _tell(found, is_trial=is_trial)
    if found.refused:
        raise SystemExit(1)


def _settings(file: Path | None) -> Config:
    """The settings with what lists have brought; where there are no lists, no database is needed for them."""
    config = output.settings(file)
    if not config.lists:
        return config
    with output.runtime(file) as held:
        return held.config


def _tell(found: Listed, *, is_trial: bool) -> None:
    if is_trial and found.tables:
        click.echo(editing.source_toml(found.tables))
    added = "would be added" if is_trial else "added"
    click.echo(f"{len(found.tables)} {added}, {len(found.known)} known already")
    for name, reason in found.refused:
        click.echo(f"not taken: {name}: {reason}", err=True)


@click.command(
    epilog="Examples: feedwright source export sources.opml; feedwright source export > sources.opml"
)
@click.argument("opml", metavar="[FILE]", type=click.File("wb", atomic=True), default="-")
@click.pass_obj
def export(file: Path | None, opml: BinaryIO) -> None:
    """Write the sources as an OPML list that other readers take.

    A source whose address seems to hold a password, token or key is left out and named.
    """
    body, left_out = outlining.write(_settings(file))
    opml.write(body)
    for slug in left_out:
        click.echo(f"left out, as its address may hold a secret: {slug}", err=True)
