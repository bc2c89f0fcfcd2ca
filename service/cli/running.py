"""feedwright serve."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from service import config as configuration
from service import processes, telemetry
from service.telemetry import log, sharing

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: feedwright --config /etc/feedwright/config.toml serve")
@click.pass_obj
def serve(file: Path | None) -> None:
    """Serve the site and poll the partners until SIGTERM or Ctrl-C; SIGHUP reads config.toml anew.

    The database is made first, if there is none; while it holds no article, it takes in the folder that
    [content] first_articles names.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the file is being read as it is
    config = configuration.load(configuration.find(file))
    processes.call(f"serve {config.file}")
    processes.share_memory()
    telemetry.configure(config.server.log)
    with ExitStack() as life:
        folder = None
        if config.server.metrics_port is not None:
            folder = life.enter_context(sharing.shared())
        raise SystemExit(_served(config, folder))


def _served(config: configuration.Config, folder: Path | None) -> int:
    """Serve until the order to end, with metrics if they have a folder. Gives the exit code."""
    with processes.loading():  # from here on, numbers are counted in that folder
        from service import runtime as running
        from service import supervisor
        from service.cli import output

    listener = supervisor.listening(config.server)
    telling = supervisor.telling(config.server)
    running.prepare(config, serving=True)
    _take_first_articles(config)
    address = output.listening(config.server)
    if config.server.log == "text":
        click.echo(f"{config.site.title}: {address} (Ctrl-C stops)", err=True)
    log().info(
        "service starts", version=version("feedwright"), address=address, config=str(config.file)
    )
    metrics = (telling, folder) if telling is not None and folder is not None else None
    code = supervisor.serve(config, listener, metrics)
    log().info("service has ended", code=code)
    return code


def _take_first_articles(config: configuration.Config) -> None:
    if config.content.first_articles is None:
        return
    from service import runtime as running
    from service import transfer  # most starts take in nothing, and it is long to load
    from service.cli import output

    with running.opened(config) as held:
        report = transfer.take_first_articles(held)
    if report:
        click.echo(f"{len(report.taken)} first articles taken in", err=True)
        output.refusals(report)
