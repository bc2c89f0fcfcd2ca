"""The `feedwright` command. Exit codes: 0 done, 1 could not be done, 2 called wrongly."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from service import processes, telemetry
from service.errors import ServiceError

# Where each command stands. They are imported when they are called, as a start of all of them takes a second,
# which every process that `serve` starts would spend again.
_COMMANDS = {
    "article": "articles:article",
    "author": "people:author",
    "backup": "keeping:backup",
    "category": "people:category",
    "config": "config:config",
    "db": "installing:db",
    "doctor": "installing:doctor",
    "explain": "explain:explain",
    "import": "articles:import_",
    "init": "installing:init",
    "lint": "linting:lint_",
    "merges": "merges:merges",
    "partner": "partners:partner",
    "poll": "sources:poll",
    "reclean": "cleaning:reclean",
    "restore": "keeping:restore",
    "review": "review:review",
    "serve": "running:serve",
    "source": "sources:source",
    "stats": "stats:stats",
}


class _Root(click.Group):
    """Turns what the service refuses into a message and an exit code; a traceback is a bug."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, by name."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        with processes.loading():
            command: click.Command = getattr(import_module(f"service.cli.{module}"), name)
        return command

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
