"""feedwright lint."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from feeds.errors import FeedError
from feeds.linting import Severity, lint
from service.cli import output
from service.clock import SystemClock
from service.errors import Refused
from service.fetch import Fetcher
from service.guard import Guard

if TYPE_CHECKING:
    from feeds.linting import Finding
    from service.config import Config

_WEB = ("http://", "https://")
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@click.command(
    "lint",
    epilog="Examples: feedwright lint https://example.org/feeds/all.atom; feedwright lint feed.rss --json",
)
@click.argument("names", metavar="URL|FILE...", nargs=-1, required=True)
@output.as_json
@click.pass_obj
def lint_(file: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    """Check feeds (Atom, RSS 2.0, JSON Feed) for what is wrong in them, and how to mend it.

    The ids are the message ids of the W3C feed validator. An address is asked as partners' feeds are: the
    limits of [fetch] in config.toml hold, and so does what it allows; the site's own feeds can be checked
    wherever it stands. The exit code is 1 when there are errors; warnings alone leave it 0.
    """
    found = {name: _findings(file, name) for name in names}
    if as_json:
        output.show([{"document": name, "findings": told} for name, told in found.items()])
    else:
        for name, told in found.items():
            _tell(name, told)
    if any(it.severity is Severity.ERROR for told in found.values() for it in told):
        raise SystemExit(1)


def _findings(file: Path | None, name: str) -> tuple[Finding, ...]:
    now = SystemClock().now()
    try:
        if not name.startswith(_WEB):
            return lint(_bytes(Path(name)), now=now)
        answer = _fetcher(output.settings(file), name).get(name)
        if answer.status != 200:
            raise Refused(f"{name} answered {answer.status}; there is nothing to check")
        content_type = answer.headers.get("Content-Type", "")
        return lint(answer.body, url=answer.url, content_type=content_type, now=now)
    except FeedError as error:
        raise Refused(f"{name}: {error}") from error


def _fetcher(config: Config, address: str) -> Fetcher:
    """The way to an address; the site's own public URL may be a machine's own, with any port."""
    if not address.startswith(f"{config.site.public_url}/"):
        return Fetcher(config)
    port = urlsplit(config.site.public_url).port
    ports = (*config.fetch.allow_ports, *([port] if port else []))
    return Fetcher(config, guard=Guard(networks=_ANYWHERE, ports=ports))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error


def _tell(name: str, found: tuple[Finding, ...]) -> None:
    counts = Counter(it.severity for it in found)
    told = [f"{counts[it]} {it.value}{'' if counts[it] == 1 else 's'}" for it in Severity]
    click.echo(f"{name}: {', '.join(told)}")
    for it in found:
        click.echo(f"  {it.severity.value:<8}{it.where}: {it.message}; {it.remedy} ({it.id})")
