"""feedwright backup, restore, db upgrade."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from service import config as configuration
from service import store as storage
from service.care import backups
from service.cli import output
from service.clock import SystemClock
from service.errors import Refused
from service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILE = click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


@click.command(epilog="Example: feedwright backup /var/backups/newsroom-2026-11-22.db")
@_FILE
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@output.as_json
@click.pass_obj
def backup(file: Path | None, target: Path, force: bool, as_json: bool) -> None:
    """Write the whole database into FILE, while everything runs.

    FILE is one SQLite file, whatever the database is, and holds one moment of it. It is checked before it
    gets its name; nothing is left behind when anything goes wrong.
    """
    config = output.settings(file)
    with _progress() as watch:
        made = backups.backup(config, target, replace=force, watch=watch)
    if as_json:
        output.show(made)
    else:
        click.echo(f"{made.file}: {_contents(made)}, {made.bytes / 1e6:,.1f} MB, checked")


@click.command(epilog="Example: feedwright restore /var/backups/newsroom-2026-11-22.db")
@_FILE
@click.option("--yes", is_flag=True, help="Replace what the database holds without asking.")
@output.as_json
@click.pass_obj
def restore(file: Path | None, target: Path, yes: bool, as_json: bool) -> None:
    """Put the backup FILE in the place of the database that config.toml names.

    The service has to be stopped. SQLite and PostgreSQL take each other's backups; a backup of an older
    release is brought to this one's schema. An SQLite database that was there is kept beside it.
    """
    config = output.settings(file)
    _ask(backups.held(config), yes)
    with _progress() as watch:
        taken = backups.restore(config, target, clock=SystemClock(), watch=watch)
    if as_json:
        output.show(taken)
        return
    click.echo(f"restored {taken.file}: {_contents(taken)}")
    if taken.previous:
        click.echo(f"the database as it was: {taken.previous}")


def _ask(held: str | None, yes: bool) -> None:
    if held is None or yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"the database holds {held}; add --yes to replace them without being asked")
    click.confirm(f"The database holds {held}. Replace all of it?", abort=True)


def _contents(made: backups.Backup) -> str:
    return f"{made.articles:,} articles, {made.rows:,} rows, schema {made.schema}"


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar for people; a pipe sees nothing of it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _stage, _share: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
def upgrade(file: Path | None) -> None:
    """Bring the database to this release's schema: all of it or nothing.

    An SQLite database is copied beside itself first; of PostgreSQL, make a `feedwright backup` before.
    """
    config = output.settings(file)
    store = Store(configuration.database_url(config))
    try:
        before, after = storage.upgrade(store)
    finally:
        store.close()
    click.echo(
        f"schema {after}" + (", as before" if before == after else f", was {before or 'empty'}")
    )
    if before not in (None, after) and store.sqlite_path is not None:
        click.echo(f"the database as it was: {storage.kept_before(store.sqlite_path, after)}")
