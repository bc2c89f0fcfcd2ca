"""feedwright import; feedwright article add, list, show, retract, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress

from service import addresses, newsroom, outgoing, transfer
from service.cli import output
from service.errors import Refused
from service.model import Change, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.config import Config
    from service.model import Article, Saved
    from service.runtime import Runtime

_TEMPLATE = """\
+++
title = ""
date = {now:%Y-%m-%dT%H:%M:%SZ}
authors = [""]

[categories]
+++

Write the article here, in Markdown.
"""


@click.command("import", epilog="Example: feedwright import articles/")
@click.argument("path", metavar="FILE|FOLDER", type=click.Path(exists=True, path_type=Path))
@output.as_json
@click.pass_obj
def import_(file: Path | None, path: Path, as_json: bool) -> None:
    """Take articles from a Markdown file, or from every one in a folder.

    Each file starts with front matter, TOML between +++ or YAML between ---. Importing again updates what
    changed and leaves the rest alone. What is not taken is listed with its reason; the exit code is then 1.
    """
    with output.runtime(file) as held:
        report = _with_progress(held, path)
    if as_json:
        output.show(
            {
                "taken": [{"file": str(name), **_saved(saved)} for name, saved in report.taken],
                "refused": [{"file": str(name), "reason": why} for name, why in report.refused],
            }
        )
    else:
        _tell(report)
    if report.refused:
        raise SystemExit(1)


def _with_progress(held: Runtime, path: Path) -> transfer.ImportReport:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Importing", total=len(transfer.article_files(path)))
        return transfer.import_path(held, path, progress=lambda _: progress.advance(task))


def _saved(saved: Saved) -> dict[str, object]:
    return {"path": saved.path, "id": saved.guid, "change": saved.change.value}


def _tell(report: transfer.ImportReport) -> None:
    counts = dict.fromkeys(Change, 0)
    for _, saved in report.taken:
        counts[saved.change] += 1
    told = [f"{number} {change.value}" for change, number in counts.items()]
    click.echo(", ".join([*told, f"{len(report.refused)} not taken"]))
    output.refusals(report)


@click.group()
def article() -> None:
    """Write, list, show, retract and restore articles."""


@article.command(
    epilog="Examples: feedwright article add draft.md; cat draft.md | feedwright article add -"
)
@click.argument("source", metavar="[FILE]", type=click.File(encoding="utf-8"), required=False)
@click.option("--force", is_flag=True, help="Replace an article of another title at that address.")
@output.as_json
@click.pass_obj
def add(file: Path | None, source: TextIO | None, force: bool, as_json: bool) -> None:
    """Publish one Markdown file with front matter; "-" reads it from standard input.

    Without a file your editor ($EDITOR) opens on an empty article. A date in the future schedules it. A file
    of the same month and name with the same title, or with the same `id`, is an edit.
    """
    with output.runtime(file) as held:
        text = source.read() if source else _written(held)
        name = Path(source.name).name if source and source.name != "<stdin>" else "-"
        album = (
            transfer.album_of(held.config, Path(source.name)) if name != "-" and source else None
        )
        draft = transfer.read_article(
            text, name=name, config=held.config, now=held.clock.now(), album=album
        )
        saved = newsroom.add(held, draft, replace=force)
        made = newsroom.find(held, str(saved.id))
        if made.status is Status.RETRACTED:
            raise Refused(f"{made.path} was retracted and stays retracted; nothing was changed")
        address = addresses.article(held.config, made)
    if as_json:
        output.show({**_saved(saved), "status": made.status.value, "address": address})
    else:
        click.echo(f"{saved.change.value}, {made.status.value}: {address}")


def _written(held: Runtime) -> str:
    template = _TEMPLATE.format(now=held.clock.now())
    text = click.edit(template, extension=".md")
    if text is None or text == template:
        raise Refused("nothing was written")
    return text


@article.command("list", epilog="Example: feedwright article list --status scheduled")
@click.option(
    "--status", type=click.Choice([it.value for it in Status]), help="Only of this status."
)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many."
)
@output.as_json
@click.pass_obj
def list_(file: Path | None, status: str | None, limit: int, as_json: bool) -> None:
    """List articles, the last published first."""
    with output.runtime(file, makes=False) as held:
        found = newsroom.listed(held, status=Status(status) if status else None, limit=limit)
    if as_json:
        output.show([_summary(it) for it in found])
        return
    output.table(
        ("published (UTC)", "status", "path", "title", "by"),
        [(it.published, it.status.value, it.path, it.title, _byline(it)) for it in found],
    )


def _summary(it: Article) -> Mapping[str, object]:
    return {
        "published": it.published,
        "status": it.status.value,
        "path": it.path,
        "title": it.title,
        "by": _byline(it),
        "id": it.guid,
    }


def _byline(it: Article) -> str:
    return ", ".join(author.name for author in it.authors)


@article.command(epilog="Example: feedwright article show 2026/11/slug")
@click.argument("name", metavar="ARTICLE")
@output.as_json
@click.pass_obj
def show(file: Path | None, name: str, as_json: bool) -> None:
    """Show one article, named by path, address, entry id or number."""
    with output.runtime(file, makes=False) as held:
        found = newsroom.find(held, name)
        if as_json:
            output.show(replace(found, content=outgoing.text(held.config, found)))
            return
        for label, value in _parts(held.config, found):
            if value:
                click.echo(f"{label + ':':<12}{value}")


def _parts(config: Config, it: Article) -> list[tuple[str, str | None]]:
    filed = [f"{category.scheme}/{category.slug}" for category in it.categories]
    return [
        ("title", it.title),
        ("by", _byline(it)),
        ("status", it.status.value),
        ("reason", it.retraction_reason),
        ("published", output.when(it.published)),
        ("release", output.when(it.release) if it.status is Status.SCHEDULED else None),
        ("updated", output.when(it.updated)),
        ("address", addresses.article(config, it)),
        ("id", it.guid),
        ("filed", ", ".join(filed)),
        ("origin", " ".join(filter(None, (it.origin.title, it.origin.url))) if it.origin else None),
        ("rights", it.rights),
        ("license", it.license),
        ("language", it.language),
    ]


@article.command(
    epilog='Example: feedwright article retract 2026/11/slug --reason "Published twice"'
)
@click.argument("name", metavar="ARTICLE")
@click.option("--reason", required=True, help="What readers are told.")
@output.as_json
@click.pass_obj
def retract(file: Path | None, name: str, reason: str, as_json: bool) -> None:
    """Withdraw an article: its page answers 410, its feeds carry a tombstone."""
    with output.runtime(file, makes=False) as held:
        gone = newsroom.retract(held, name, reason=reason)
        address = addresses.article(held.config, gone)
    undone = f"feedwright article restore {gone.path} undoes it"
    _tell_of(gone, address, f"retracted: {address}; {undone}", as_json=as_json)


@article.command(epilog="Example: feedwright article restore 2026/11/slug")
@click.argument("name", metavar="ARTICLE")
@output.as_json
@click.pass_obj
def restore(file: Path | None, name: str, as_json: bool) -> None:
    """Publish a retracted article again, under its id and address."""
    with output.runtime(file, makes=False) as held:
        back = newsroom.restore(held, name)
        address = addresses.article(held.config, back)
    _tell_of(back, address, f"published again: {address}", as_json=as_json)


def _tell_of(it: Article, address: str, told: str, *, as_json: bool) -> None:
    """How an article stands by now, for people or for programs."""
    if as_json:
        reason = {"reason": it.retraction_reason} if it.retraction_reason else {}
        output.show({**_summary(it), **reason, "address": address})
    else:
        click.echo(told)
