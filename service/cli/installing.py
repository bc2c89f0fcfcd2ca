"""feedwright init, db upgrade, doctor."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from service import config as configuration
from service import store as storage
from service.care.doctor import examine
from service.care.findings import Health
from service.cli import output
from service.config.starter import starter_text
from service.errors import Refused
from service.store import Store

_MARKS = {
    Health.GOOD: ("ok", "green"),
    Health.WARNING: ("warning", "yellow"),
    Health.BAD: ("bad", "red"),
}


@click.command(epilog='Example: feedwright init newsroom --title "The Meridian Review"')
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", default="My newsroom", show_default=True, help="Name of the site.")
@click.option(
    "--public-url",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="The address readers will use.",
)
def init(folder: Path, title: str, public_url: str) -> None:
    """Make a FOLDER with a commented config.toml to start from."""
    target = folder / "config.toml"
    if target.exists():
        raise Refused(f"{target} is there already; nothing was changed")
    text = starter_text(title, public_url)
    config = configuration.parse(text, target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"cannot write {target} ({error.strerror}); name a folder that you may write to"
        ) from error
    click.echo(f"made {target}; it serves at {output.listening(config.server)}")
    click.echo(f"next: cd {quote(str(folder))} && feedwright serve")


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


@click.command(epilog="Example: feedwright doctor --deep --json")
@click.option("--deep", is_flag=True, help="Look at every page of an SQLite file: takes minutes.")
@output.as_json
@click.pass_obj
def doctor(file: Path | None, deep: bool, as_json: bool) -> None:
    """Check settings, machine, database and sources, and tell how to mend what is wrong.

    The exit code is 1 when something is bad.
    """
    findings = examine(configuration.find(file), deep=deep)
    if as_json:
        output.show(findings)
    else:
        for finding in findings:
            mark, color = _MARKS[finding.health]
            click.echo(f"{click.style(f'{mark:<8}', fg=color)} {finding.about}: {finding.told}")
            if finding.remedy:
                click.echo(f"{'':<8} -> {finding.remedy}")
    if any(finding.health is Health.BAD for finding in findings):
        raise SystemExit(1)
