"""feedwright source try, pause, resume: what changes config.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from service import config as configuration
from service import trying
from service.cli import output
from service.config import editing
from service.errors import NotFound, Refused
from service.model import SourceState
from service.store import sources

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import Source
    from service.trying import Tried

_SHOWN = 20  # entries told to people


@click.command(
    "try",
    epilog="Examples: feedwright source try https://lantern.example/;"
    " feedwright source try https://lantern.example/feed.atom --feed --license cc-by --add",
)
@click.argument("url", metavar="URL")
@click.option(
    "--feed", "is_feed", is_flag=True, help="URL is the feed, so robots.txt is not asked."
)
@click.option("--slug", metavar="SLUG", help="Its lasting short name; default: made of its title.")
@click.option("--name", metavar="TEXT", help="Name of the partner; default: the title of the feed.")
@click.option("--license", "license_", metavar="NAME", help="One of [licenses.*].")
@click.option("--add", "adds", is_flag=True, help="Add it to config.toml.")
@output.as_json
@click.pass_obj
def try_(
    file: Path | None,
    url: str,
    is_feed: bool,
    slug: str | None,
    name: str | None,
    license_: str | None,
    adds: bool,
    as_json: bool,
) -> None:
    """Look at a feed, or at the page of a site that announces one, before it becomes a source.

    Shows what would become of each entry, and the table to paste into config.toml, or writes it there.
    """
    given = {"slug": slug, "name": name, "license": license_}
    with output.runtime(file) as held:
        config = held.config
        found = trying.try_feed(
            held, url, is_feed=is_feed, given={key: it for key, it in given.items() if it}
        )
    if adds:
        _add(trying.file_of(config), found)
        with output.runtime(file):
            pass
    if as_json:
        output.show({**asdict(found), "added": adds})
        return
    _tell(found)
    if adds:
        click.echo(f"added; `feedwright source poll {found.source['slug']}` asks it now")


def _add(file: Path, found: Tried) -> None:
    if found.is_known:
        raise Refused(f"config.toml has that feed already, as source {found.source['slug']!r}")
    editing.edit(file, lambda text: editing.with_sources(text, [found.source]))


def _tell(found: Tried) -> None:
    click.secho(f"{found.title or 'a feed without title'}: {found.feed}", bold=True)
    for other in found.others:
        click.echo(f"another feed of that page: {other}")
    for problem in found.problems:
        click.echo(f"problem: {problem}")
    output.table(
        ("published (UTC)", "would be", "title", "by", "filed", "reason"),
        [
            (it.published, it.verdict.value, it.title, ", ".join(it.authors),
             ", ".join(it.categories), it.reason)
            for it in found.entries[:_SHOWN]
        ],
    )  # fmt: skip
    if len(found.entries) > _SHOWN:
        click.echo(f"and {len(found.entries) - _SHOWN} more")
    known = "config.toml has it as" if found.is_known else "for config.toml:"
    click.echo(f"\n{known}\n\n{found.toml}")


@click.command(epilog="Example: feedwright source pause lantern")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def pause(file: Path | None, slug: str, as_json: bool) -> None:
    """Poll a source no more until it is resumed: writes paused = true into config.toml."""
    _paused(file, slug, True, as_json=as_json)


@click.command(epilog="Example: feedwright source resume lantern")
@click.argument("slug", metavar="SOURCE")
@output.as_json
@click.pass_obj
def resume(file: Path | None, slug: str, as_json: bool) -> None:
    """Poll a source again, at the time that it was due or now: writes paused = false into config.toml."""
    _paused(file, slug, False, as_json=as_json)


def _paused(file: Path | None, slug: str, paused: bool, *, as_json: bool) -> None:
    editing.edit(configuration.find(file), lambda text: editing.with_pause(text, slug, paused))
    with output.runtime(file) as held, held.store.reading() as tx:
        found = sources.at(tx, slug)
    if found is None:
        raise NotFound(f"there is no source {slug!r}; `feedwright source list` shows them")
    if as_json:
        output.show({"source": slug, "state": found.state.value, "next_at": found.next_at})
    else:
        click.echo(_stands(found))


def _stands(it: Source) -> str:
    if it.state is SourceState.STOPPED:
        return f"{it.slug} was stopped by its server; `feedwright source poll {it.slug}` asks again"
    due = f", due at {output.when(it.next_at)}" if it.state is SourceState.ACTIVE else ""
    return f"{it.slug} is {it.state.value}{due}"
