"""The `feedwright` command. Exit codes: 0 done, 1 could not be done, 2 called wrongly."""

from __future__ import annotations

import logging
import os
from importlib.metadata import version
from pathlib import Path

import click

from service import telemetry
from service.cli.articles import article, import_
from service.cli.config import config
from service.cli.running import db, doctor, init, serve
from service.cli.sources import poll, source
from service.errors import ServiceError


class _Root(click.Group):
    """Turns what the service refuses into a message and an exit code; a traceback is a bug."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ServiceError as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `feedwright init FOLDER`, then `feedwright serve`.",
)
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="FEEDWRIGHT_CONFIG",
    help="The config.toml to use; default: the one in this folder.",
)
@click.version_option(version("feedwright"), prog_name="feedwright")
@click.pass_context
def main(ctx: click.Context, file: Path | None) -> None:
    """Publish a newsroom's articles as feeds, and its partners' with attribution."""
    ctx.obj = file
    ctx.color = False if os.environ.get("NO_COLOR") else None  # None: as the terminal can
    telemetry.configure("text", level=logging.WARNING)  # commands tell the rest themselves


for command in (serve, init, import_, article, source, poll, config, db, doctor):
    main.add_command(command)
