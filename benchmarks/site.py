"""A site of its own for a benchmark: a folder with a config.toml, an SQLite database and a newsroom in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import Progress

from benchmarks import newsroom as newsrooms
from benchmarks.measuring import TOLD
from benchmarks.processes import free_port
from service import config as configuration
from service import runtime

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.measuring import Options
    from benchmarks.newsroom import Newsroom
    from service.config import Config

FEED_SIZE = 20
FILE = "bench.db"
SQLITE = f"sqlite:{FILE}"
_CACHE_BYTES = 200_000_000  # the limit of 300 MB a worker leaves about so much
_CONFIG = """
[site]
title = "The Benchmark Review"
description = "Invented articles, to measure with."
public_url = "http://127.0.0.1:{port}"
rights = "© The Benchmark Review"
license = "open"

[taxonomies.theme]
title = "Theme"
plural = "Themes"

[taxonomies.region]
title = "Region"
plural = "Regions"

[taxonomies.report]
title = "In-depth report"
plural = "In-depth reports"

[licenses.open]
name = "Creative Commons Attribution 4.0 International"
uri = "https://creativecommons.org/licenses/by/4.0/"
text = "Anyone may share and adapt this work."
republish = "full"

[content]
feed_size = {feed_size}

[storage]
database = "{database}"

[server]
port = {port}
workers = {workers}
threads = {threads}
cache_bytes = {cache_bytes}
"""


def made(folder: Path, options: Options, newsroom: Newsroom) -> Config:
    """Make the site on SQLite, ready to be served."""
    config = configured(folder, options)
    runtime.prepare(config)
    with runtime.opened(config) as held, Progress(console=TOLD, transient=True) as progress:
        task = progress.add_task(f"Writing {newsroom.size:,} articles", total=newsroom.size)
        newsrooms.fill(held.store, newsroom, told=lambda number: progress.advance(task, number))
    return config


def configured(folder: Path, options: Options, database: str = SQLITE) -> Config:
    """The settings of the site, written into that folder."""
    path = folder / "config.toml"
    path.write_text(
        _CONFIG.format(
            port=free_port(),
            database=database,
            feed_size=FEED_SIZE,
            workers=options.workers,
            threads=options.threads,
            cache_bytes=_CACHE_BYTES,
        ),
        encoding="utf-8",
    )
    return configuration.load(path)
