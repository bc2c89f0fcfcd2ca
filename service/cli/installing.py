"""feedwright init."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from service import config as configuration
from service.cli import output
from service.config.starter import starter_text
from service.errors import Refused


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
