"""feedwright author and category: names, addresses, and who is whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import naming
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path


class _Name(click.ParamType[tuple[str, str]]):
    """A category, written scheme/slug."""

    name = "category"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Scheme and slug apart."""
        scheme, slash, slug = value.partition("/")
        if not (scheme and slash and slug):
            self.fail(f"{value!r} names no category; write theme/energy", param, ctx)
        return scheme, slug


_CATEGORY = click.argument("name", metavar="SCHEME/SLUG", type=_Name())
_SLUG = click.argument("slug")
_REASON = click.option("--reason", required=True, help="Why; readers are told.")


@click.group()
def author() -> None:
    """Look after authors."""


@author.command(epilog="Example: feedwright author show ada-marsh")
@_SLUG
@click.pass_obj
def show(file: Path | None, slug: str) -> None:
    """Show the author at SLUG, with the addresses of former times and all names."""
    with output.runtime(file, makes=False) as held:
        found = naming.author(held, slug)
    it = found.author
    click.echo(f"{it.slug}  {it.name}" + (f"  (of {it.source})" if it.source else ""))
    if it.withdrawal:
        click.echo(f"  withdrawn {it.withdrawal.at:%Y-%m-%d}: {it.withdrawal.reason}")
    for former in found.former_slugs:
        click.echo(f"  formerly  {former}")
    for alias in found.aliases:
        source = f"  (of {alias.source})" if alias.source else ""
        click.echo(f"  also      {alias.slug}  {alias.name}{source}")


@author.command(epilog='Example: feedwright author rename ada-marsh "Ada Marsh-Okoro"')
@_SLUG
@click.argument("name")
@click.pass_obj
def rename(file: Path | None, slug: str, name: str) -> None:
    """Give the author at SLUG another NAME, in every article and feed.

    Addresses and ids stay, and what comes in under either name is theirs.
    """
    with output.runtime(file, makes=False) as held:
        renamed = naming.rename_author(held, slug, name)
    click.echo(f"{renamed.slug} is called {renamed.name} now")


@author.command(epilog="Example: feedwright author move ada-marsh ada-okoro")
@_SLUG
@click.argument("to", metavar="NEW-SLUG")
@click.pass_obj
def move(file: Path | None, slug: str, to: str) -> None:
    """Give the author at SLUG the address of NEW-SLUG.

    Every address with the old one redirects; name and ids stay.
    """
    with output.runtime(file, makes=False) as held:
        moved = naming.move_author(held, slug, to)
    click.echo(f"{moved.name} is at author/{moved.slug} now")


@author.command(epilog="Example: feedwright author merge john-smith-lantern john-smith")
@_SLUG
@click.argument("into", metavar="OTHER-SLUG")
@click.pass_obj
def merge(file: Path | None, slug: str, into: str) -> None:
    """Take the author at SLUG for the one at OTHER-SLUG: the same person.

    What is and will be by either is on the page and in the feeds of the other, under the name it was signed
    with; the address of the one redirects there. `author split` undoes it.
    """
    with output.runtime(file, makes=False) as held:
        one, other = naming.merge_authors(held, slug, into)
    click.echo(
        f"what is by {one.name} is by {other.name}, author/{other.slug}, now;"
        f" feedwright author split {one.slug} undoes it"
    )


@author.command(epilog="Example: feedwright author split john-smith-lantern")
@_SLUG
@click.pass_obj
def split(file: Path | None, slug: str) -> None:
    """Undo that the author of SLUG was merged into another."""
    with output.runtime(file, makes=False) as held:
        again = naming.split_author(held, slug)
    click.echo(f"{again.name} is an author again, author/{again.slug}")


@author.command(
    epilog='Example: feedwright author withdraw ada-marsh --reason "At her own request."'
)
@_SLUG
@_REASON
@click.pass_obj
def withdraw(file: Path | None, slug: str, reason: str) -> None:
    """Let the page and every feed of the author at SLUG be gone (410).

    Articles stay, with the name in the byline. `author restore` undoes it.
    """
    with output.runtime(file, makes=False) as held:
        gone = naming.withdraw_author(held, slug, reason)
    click.echo(f"author/{gone.slug} is withdrawn; feedwright author restore {gone.slug} undoes it")


@author.command(epilog="Example: feedwright author restore ada-marsh")
@_SLUG
@click.pass_obj
def restore(file: Path | None, slug: str) -> None:
    """Take back that the author at SLUG was withdrawn."""
    with output.runtime(file, makes=False) as held:
        back = naming.restore_author(held, slug)
    click.echo(f"author/{back.slug} is there again")


@click.group()
def category() -> None:
    """Look after categories."""


@category.command(epilog='Example: feedwright category relabel theme/tides "Tides and currents"')
@_CATEGORY
@click.argument("label")
@click.pass_obj
def relabel(file: Path | None, name: tuple[str, str], label: str) -> None:
    """Give a category another LABEL, in every article and feed.

    Addresses and ids stay. A category of config.toml gets its label there.
    """
    with output.runtime(file, makes=False) as held:
        labelled = naming.relabel(held, *name, label)
    click.echo(f"{labelled.scheme}/{labelled.slug} is called {labelled.label} now")


@category.command("move", epilog="Example: feedwright category move theme/tides currents")
@_CATEGORY
@click.argument("to", metavar="NEW-SLUG")
@click.pass_obj
def move_category(file: Path | None, name: tuple[str, str], to: str) -> None:
    """Give a category the address of NEW-SLUG.

    Every address with the old one redirects; label and ids stay. A category of config.toml is renamed there,
    with the old slug under `formerly`.
    """
    with output.runtime(file, makes=False) as held:
        moved = naming.move_category(held, *name, to)
    click.echo(f"{moved.label} is at {moved.scheme}/{moved.slug} now")


@category.command(
    "withdraw",
    epilog='Example: feedwright category withdraw theme/tides --reason "It is part of theme/sea now."',
)
@_CATEGORY
@_REASON
@click.pass_obj
def withdraw_category(file: Path | None, name: tuple[str, str], reason: str) -> None:
    """Let the page and every feed of a category be gone (410).

    Articles stay, and are no longer shown under it. `category restore` undoes it.
    """
    with output.runtime(file, makes=False) as held:
        gone = naming.withdraw_category(held, *name, reason)
    click.echo(
        f"{gone.scheme}/{gone.slug} is withdrawn;"
        f" feedwright category restore {gone.scheme}/{gone.slug} undoes it"
    )


@category.command("restore", epilog="Example: feedwright category restore theme/tides")
@_CATEGORY
@click.pass_obj
def restore_category(file: Path | None, name: tuple[str, str]) -> None:
    """Take back that a category was withdrawn."""
    with output.runtime(file, makes=False) as held:
        back = naming.restore_category(held, *name)
    click.echo(f"{back.scheme}/{back.slug} is there again")
