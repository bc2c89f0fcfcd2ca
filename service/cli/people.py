"""feedwright author rename, category relabel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import newsroom
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def author() -> None:
    """Look after authors."""


@author.command(epilog='Example: feedwright author rename ada-marsh "Ada Marsh-Okoro"')
@click.argument("slug")
@click.argument("name")
@click.pass_obj
def rename(file: Path | None, slug: str, name: str) -> None:
    """Give the author at SLUG another NAME, in every article and feed.

    Addresses and ids stay, and what comes in under either name is theirs.
    """
    with output.runtime(file, makes=False) as held:
        renamed = newsroom.rename_author(held, slug, name)
    click.echo(f"{renamed.slug} is called {renamed.name} now")


@click.group()
def category() -> None:
    """Look after categories."""


@category.command(epilog='Example: feedwright category relabel theme/tides "Tides and currents"')
@click.argument("name", metavar="SCHEME/SLUG")
@click.argument("label")
@click.pass_obj
def relabel(file: Path | None, name: str, label: str) -> None:
    """Give a category another LABEL, in every article and feed.

    Addresses and ids stay. A category of config.toml gets its label there.
    """
    scheme, slash, slug = name.partition("/")
    if not (scheme and slash and slug):
        raise click.BadParameter(
            f"{name!r} names no category; write theme/energy", param_hint="SCHEME/SLUG"
        )
    with output.runtime(file, makes=False) as held:
        labelled = newsroom.relabel(held, scheme, slug, label)
    click.echo(f"{scheme}/{slug} is called {labelled.label} now")
