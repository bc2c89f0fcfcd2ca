"""feedwright partner list; feedwright partner token add, list, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feeds.model import Format
from service import partners
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    from service.model import PartnerToken


@click.group()
def partner() -> None:
    """See partners with feeds of their own, and give them their secret addresses."""


@partner.command("list")
@output.as_json
@click.pass_obj
def list_(file: Path | None, as_json: bool) -> None:
    """List the partners of config.toml, with what each gets."""
    with output.runtime(file) as held:
        found = held.config.partners
        tokens = partners.listed(held)
    open_ = {it.slug: [t for t in tokens if t.partner == it.slug and not t.revoked] for it in found}
    if as_json:
        output.show([it.model_dump(mode="json") | {"tokens": len(open_[it.slug])} for it in found])
        return
    output.table(
        ("partner", "name", "selection", "text", "items", "covered by", "tokens"),
        [
            (it.slug, it.name, it.selection, it.text, it.items, ", ".join(it.licenses), len(open_[it.slug]))
            for it in found
        ],
    )  # fmt: skip


@partner.group()
def token() -> None:
    """Make, list and revoke the tokens that partners' feeds are read with."""


@token.command(epilog='Example: feedwright partner token add lantern --label "Editorial system"')
@click.argument("slug", metavar="PARTNER")
@click.option("--label", required=True, help="Who gets it, so that you know what you revoke.")
@output.as_json
@click.pass_obj
def add(file: Path | None, slug: str, label: str, as_json: bool) -> None:
    """Make a token for PARTNER and print the address of its feed, which is told this once.

    The same feed stands at the address with .rss or .json in place of .atom.
    """
    with output.runtime(file) as held:
        made = partners.mint(held, slug, label, Format.ATOM)
    if as_json:
        output.show({"id": made.token.id, "token": made.secret, "feed": made.address})
        return
    click.echo(made.address)
    click.echo(
        f"token {made.token.id} for {slug}; whoever has the address can read the feed", err=True
    )


@token.command("list", epilog="Examples: feedwright partner token list; ... list lantern --json")
@click.argument("slug", metavar="[PARTNER]", required=False)
@output.as_json
@click.pass_obj
def list_tokens(file: Path | None, slug: str | None, as_json: bool) -> None:
    """List the tokens of all partners or of one; their secrets are not known any more."""
    with output.runtime(file) as held:
        found = partners.listed(held, slug)
    if as_json:
        output.show(found)
        return
    output.table(
        ("token", "partner", "label", "made (UTC)", "last used (UTC)", "revoked (UTC)"),
        [(it.id, it.partner, it.label, it.created, it.used, it.revoked) for it in found],
    )


@token.command(epilog="Example: feedwright partner token revoke 3")
@click.argument("number", metavar="TOKEN", type=int)
@output.as_json
@click.pass_obj
def revoke(file: Path | None, number: int, as_json: bool) -> None:
    """Let nobody in by TOKEN, a number of the list, from now on."""
    with output.runtime(file) as held:
        revoked: PartnerToken = partners.revoke(held, number)
    if as_json:
        output.show(revoked)
        return
    click.echo(f"token {number} of {revoked.partner} ({revoked.label}) is revoked")
