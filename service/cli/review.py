"""feedwright review list, approve, reject."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import addresses, reviewing
from service.cli import output
from service.errors import Refused
from service.model import Status, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from service.config import Config
    from service.model import Article
    from service.reviewing import Review

_ALL = 1_000_000


@click.group()
def review() -> None:
    """Read what partners sent before it is published: of sources with review = true."""


@review.command("list", epilog="Example: feedwright review list --source nasa")
@click.option("--source", metavar="SOURCE", help="Only of this source.")
@click.option("--rejected", is_flag=True, help="What was rejected, instead of what waits.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many."
)
@output.as_json
@click.pass_obj
def list_(file: Path | None, source: str | None, rejected: bool, limit: int, as_json: bool) -> None:
    """List what waits, the first come first. The numbers are what approve and reject take."""
    verdict = Verdict.REJECTED if rejected else Verdict.WAITING
    with output.runtime(file, makes=False) as held:
        found = reviewing.listed(held, source=source, verdict=verdict, limit=limit)
    if as_json:
        output.show([_told(it) for it in found])
        return
    output.table(
        ("number", "source", "published (UTC)", "title", "by", "original"),
        [
            (it.article.id, it.queued.source, it.article.published, it.article.title,
             _byline(it.article), it.article.canonical_url)
            for it in found
        ],
    )  # fmt: skip


def _byline(it: Article) -> str:
    return ", ".join(author.name for author in it.authors)


def _told(it: Review) -> dict[str, object]:
    return {
        "number": it.article.id,
        "source": it.queued.source,
        "first_seen": it.queued.first_seen,
        "published": it.article.published,
        "title": it.article.title,
        "by": _byline(it.article),
        "original": it.article.canonical_url,
        "reason": it.queued.reason,
    }


@review.command(
    epilog="Examples: feedwright review approve 12 15; feedwright review approve --all --source nasa"
)
@click.argument("names", metavar="[ARTICLE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that wait.")
@click.option("--source", metavar="SOURCE", help="With --all: only of this source.")
@output.as_json
@click.pass_obj
def approve(
    file: Path | None, names: tuple[str, ...], every: bool, source: str | None, as_json: bool
) -> None:
    """Publish articles, named by number, path, address or entry id, with the dates of their source."""
    if bool(names) == every or (source and not every):
        raise click.UsageError("name articles, or give --all (and perhaps --source)")
    with output.runtime(file, makes=False) as held:
        if every:
            waiting = reviewing.listed(held, source=source, limit=_ALL)
            names = tuple(str(it.article.id) for it in waiting)
        done = reviewing.approve(held, names)
        _show(held.config, done, as_json=as_json)


@review.command(epilog='Example: feedwright review reject 12 --reason "An advertisement"')
@click.argument("names", metavar="ARTICLE...", nargs=-1, required=True)
@click.option("--reason", default="", help="Kept in the record; readers are not told.")
@output.as_json
@click.pass_obj
def reject(file: Path | None, names: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Keep articles out, also when they are edited upstream. `approve` lets them in after all."""
    if reason and not reason.strip():
        raise Refused("the reason is empty; leave it out or write one")
    with output.runtime(file, makes=False) as held:
        done = reviewing.reject(held, names, reason=" ".join(reason.split()))
        _show(held.config, done, as_json=as_json)


def _show(config: Config, done: list[Article], *, as_json: bool) -> None:
    if as_json:
        output.show(
            [
                {"number": it.id, "title": it.title, "status": it.status.value, "release": it.release,
                 "address": addresses.article(config, it)}
                for it in done
            ]
        )  # fmt: skip
        return
    for it in done:
        click.echo(f"{_outcome(it)}: {it.title} ({addresses.article(config, it)})")


def _outcome(it: Article) -> str:
    if it.status is Status.SCHEDULED:
        return f"approved, published at {output.when(it.release or it.published)}"
    return "rejected" if it.status is Status.DRAFT else "approved"
