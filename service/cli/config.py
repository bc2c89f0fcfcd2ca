"""feedwright config check, schema, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from service import config as configuration
from service.cli import output
from service.config.schema import schema
from service.config.showing import effective, effective_toml

if TYPE_CHECKING:
    from collections.abc import Sized


_NOTHING = "nothing: these settings are in force"


@click.group()
def config() -> None:
    """Check config.toml and see what is in force."""


@config.command(epilog="Example: feedwright config check /etc/feedwright/config.toml")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@output.as_json
@click.pass_obj
def check(named: Path | None, file: Path | None, as_json: bool) -> None:
    """List everything that is wrong with FILE.

    Without FILE, with the file in use. The exit code is 1 when something is wrong.
    """
    path = configuration.find(file or named)
    problems = configuration.check(path)
    if as_json:
        output.show({"problems": [asdict(it) | {"file": str(it.file)} for it in problems]})
    elif problems:
        click.echo("\n".join(map(str, problems)), err=True)
    else:
        click.echo(f"{path}: fine, {_counted(configuration.load(path))}")
    if problems:
        if not as_json:
            click.echo("a service that runs keeps its settings until this is mended", err=True)
        raise SystemExit(1)


@config.command(epilog="Example: feedwright config diff --json")
@output.as_json
@click.pass_obj
def diff(file: Path | None, as_json: bool) -> None:
    """Show what a reload would change.

    Compares config.toml with the settings in force: a service that runs adopts the file within seconds of
    its being saved, or on SIGHUP. Changes of [server] and [storage] are told apart: they wait for the next
    start. The exit code is 1 when the file cannot be used.
    """
    from service import reload  # the others only look at the file

    found = reload.pending(configuration.load(configuration.find(file)))
    if as_json:
        output.show(found)
        return
    lines = [*map(str, found.changes), *(f"{it}  (at the next start)" for it in found.waiting)]
    click.echo("\n".join(lines) or _NOTHING)


@config.command("schema", epilog="Example: feedwright config schema > config.schema.json")
def schema_command() -> None:
    """Print the JSON Schema of config.toml.

    Editors complete and check the file with it.
    """
    output.show(schema())


@config.command(epilog="Example: feedwright config show --json")
@output.as_json
@click.pass_obj
def show(file: Path | None, as_json: bool) -> None:
    """Print the settings in force.

    Defaults are filled in, paths absolute and passwords hidden.
    """
    settings = configuration.load(configuration.find(file))
    if as_json:
        output.show(effective(settings))
    else:
        click.echo(effective_toml(settings), nl=False)


def _counted(settings: configuration.Config) -> str:
    """How much there is of what can be repeated: "3 taxonomies, 2 licenses, 1 source"."""
    nouns = (
        (settings.taxonomies, "taxonomy", "taxonomies"),
        (settings.licenses, "license", "licenses"),
        (settings.sources, "source", "sources"),
        *([(settings.lists, "list", "lists")] if settings.lists else ()),
    )
    return ", ".join(_count(things, one, several) for things, one, several in nouns)


def _count(things: Sized, one: str, several: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else several}"
