"""What commands have in common: the settings in force, tables for people, JSON for machines."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from datetime import datetime
from json import dumps
from typing import TYPE_CHECKING, Any

import click
from msgspec import json, to_builtins

from service import config as configuration
from service.errors import ConfigError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.text import Text

    from service.config import Config, Server
    from service.runtime import Runtime
    from service.transfer import ImportReport

_PIPE_WIDTH = 1000  # characters
_INSTEAD = "the file cannot be used, so this works by the settings in force since {since}"

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def settings(file: Path | None) -> Config:
    """The config.toml that this command works with; while that has errors, the settings in force.

    Raises:
        ConfigError: The file cannot be used, and nothing of it is in force where its [storage] points.
    """
    path = configuration.find(file)
    try:
        return configuration.load(path)
    except ConfigError as error:
        from service import runtime as running  # here and below: some commands only look at files

        found = configuration.salvaged(path)
        lasting = running.lasting(found) if found else None
        if lasting is None:
            raise
        config, since = lasting
        click.echo(f"{error}\nwarning: {_INSTEAD.format(since=when(since))}", err=True)
        return config


@contextmanager
def runtime(file: Path | None, *, makes: bool = True) -> Iterator[Runtime]:
    """A runtime on a database that is in line with config.toml; one that is empty gets its tables.

    Raises:
        Refused: The database is empty, and the command `makes` none: it only looks.
    """
    from service import runtime as running

    with running.opened(prepared(file, makes=makes)) as held:
        yield held


def prepared(file: Path | None, *, makes: bool = True) -> Config:
    """The settings of a command, once the database is in line with them; an empty one gets its tables.

    Raises:
        Refused: The database is empty, and the command `makes` none: it only looks.
    """
    from service import runtime as running

    config = settings(file)
    if not makes:
        _require_content(config)
    running.prepare(config)
    return config


def _require_content(config: Config) -> None:
    from service.store import Store

    with closing(Store(configuration.database_url(config))) as store:
        if store.is_empty():
            raise Refused(
                f"{store} is empty; `feedwright serve`, `import` and `article add` make its tables"
            )


@contextmanager
def watched(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that grows as it is told how much is done, and of how much."""
    from rich.console import Console  # which most commands do not need
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def show(value: Any) -> None:
    """Print a value as JSON; structs and moments may be anywhere in it."""
    try:
        said = json.format(json.encode(value, enc_hook=str), indent=2).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in a file's name that is no UTF-8
        said = dumps(to_builtins(value, enc_hook=str, str_keys=True), indent=2)
    click.echo(said)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table that fits the terminal; a pipe gets every row on one line.

    Moments are in UTC, which their column's name has to say.
    """
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*map(_cell, row))
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    with console.capture() as captured:
        console.print(drawn)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(value: object) -> Text:
    """The value as it is: brackets in a title are no markup of ours."""
    from rich.text import Text

    return Text(_second(value) if isinstance(value, datetime) else str(value or ""))


def when(moment: datetime | None) -> str:
    """A moment to the second; empty for none."""
    return f"{_second(moment)} UTC" if moment else ""


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def refusals(report: ImportReport) -> None:
    """Tell what an import did not take, a line for each thing to mend."""
    for _, reasons in report.refused:
        for reason in reasons.splitlines():
            click.echo(f"not taken: {reason}", err=True)


def listening(server: Server) -> str:
    """The address that `serve` listens on."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{host}:{server.port}/"
