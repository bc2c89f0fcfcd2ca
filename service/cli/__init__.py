"""The `feedwright` command. Exit codes: 0 done, 1 could not be done, 2 called wrongly."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path

import click

from service import processes, telemetry
from service.cli import later
from service.errors import ServiceError

_AROUND = 20  # characters shown beside what is no text
_COMMANDS = (
    ("article", "articles:article", "Write, list, show, retract and restore articles."),
    ("author", "people:author", "Look after authors."),
    ("backup", "keeping:backup", "Write the whole database into FILE, while everything runs."),
    ("category", "people:category", "Look after categories."),
    ("config", "config:config", "Check config.toml and see what is in force."),
    ("db", "keeping:db", "Look after the database."),
    (
        "doctor",
        "doctor:doctor",
        "Check settings, machine, database and sources, and tell how to mend what is wrong.",
    ),
    (
        "explain",
        "explain:explain",
        "Tell the whole story of an article or an entry: what came when, what became of it, and why.",
    ),
    (
        "import",
        "articles:import_",
        "Take articles from a Markdown file, or from every one in a folder.",
    ),
    ("init", "installing:init", "Make a FOLDER with a commented config.toml to start from."),
    (
        "lint",
        "linting:lint_",
        "Check feeds (Atom, RSS 2.0, JSON Feed) for what is wrong in them, and how to mend it.",
    ),
    (
        "merges",
        "merges:merges",
        "See what was taken for one article, and part what was not.",
    ),
    (
        "partner",
        "partners:partner",
        "See partners with feeds of their own, and give them their secret addresses.",
    ),
    ("poll", "polling:poll", "Poll what is due now, or one SOURCE whether it is due or not."),
    (
        "reclean",
        "cleaning:reclean",
        "Clean texts anew that an older release has cleaned, from what sources sent.",
    ),
    (
        "restore",
        "keeping:restore",
        "Put the backup FILE in the place of the database that config.toml names.",
    ),
    (
        "review",
        "review:review",
        "Read what partners sent before it is published: of sources with review = true.",
    ),
    (
        "serve",
        "running:serve",
        "Serve the site and poll the partners until SIGTERM or Ctrl-C; SIGHUP reads config.toml anew.",
    ),
    (
        "source",
        "sources:source",
        "See where the partners' feeds stand, and what their rules make of them.",
    ),
    ("stats", "stats:stats", "Show who reads the feeds, or one FEED day by day."),
)


class _Root(later.Group):
    """Turns what the service refuses into a message and an exit code; a traceback is a bug."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return processes.roomily(partial(super().invoke, ctx))
        except ServiceError as error:
            raise click.ClickException(str(error)) from error
        except UnicodeEncodeError as error:  # of bytes in an argument: a file may be called so
            found = error.object[max(error.start - _AROUND, 0) : error.end + _AROUND]
            raise click.ClickException(f"{found!r} is not UTF-8, as all text here is") from error


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
@click.version_option(package_name="feedwright", prog_name="feedwright")
@click.pass_context
def main(ctx: click.Context, file: Path | None) -> None:
    """Publish a newsroom's articles as feeds, and its partners' with attribution."""
    ctx.obj = file
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # we have none, and it looks long
    ctx.color = False if os.environ.get("NO_COLOR") else None  # None: as the terminal can
    telemetry.configure("text", level=logging.WARNING)  # commands tell the rest themselves


for it in _COMMANDS:
    main.add_command(later.Later(*it))
