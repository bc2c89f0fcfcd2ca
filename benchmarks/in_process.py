"""A hot feed out of front's memory, against a bare WSGI callable that returns the same bytes and headers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from werkzeug.test import create_environ, run_wsgi_app

from benchmarks.measuring import Comparison, Options, compare
from service import config as configuration
from service import runtime, transfer
from service.front import Front
from service.web import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIApplication

_PATH = "/feeds/all.atom"
_SHIPPED = Path(__file__).parents[1] / "config.toml"


def comparisons(options: Options) -> Iterator[Comparison]:
    """200 with gzip, and 304."""
    with tempfile.TemporaryDirectory() as folder:
        storage = configuration.Storage(database=SecretStr(f"sqlite:{folder}/bench.db"))
        config = configuration.load(_SHIPPED).model_copy(update={"storage": storage})
        runtime.prepare(config)
        with runtime.opened(config) as held:
            if config.content.first_articles:
                transfer.import_path(held, config.content.first_articles)
            current = runtime.Current(held)
            application = create_app(current)
            front = Front(application, current)
            yield _against_bare(options, "front in process, 200 gzip", front, {})
            etag = _ask(front, {})[2]["ETag"]
            yield _against_bare(options, "front in process, 304", front, {"If-None-Match": etag})
            yield compare(
                options,
                "front in process, 200 gzip",
                lambda: _ask(front, {}),
                "Flask, rendering each time",
                lambda: _ask(application, {}),
                times=3,
            )


def _against_bare(
    options: Options, what: str, front: WSGIApplication, headers: dict[str, str]
) -> Comparison:
    body, status, answered = _ask(front, headers)

    def bare(_environ: Any, start_response: StartResponse) -> list[bytes]:
        start_response(status, list(answered.items()))
        return [body]

    return compare(
        options,
        what,
        lambda: _ask(front, headers),
        "bare WSGI callable",
        lambda: _ask(bare, headers),
        times=2000,
    )


def _ask(application: WSGIApplication, headers: dict[str, str]) -> tuple[bytes, str, Any]:
    environ = create_environ(_PATH, headers={"Accept-Encoding": "gzip", **headers})
    chunks, status, answered = run_wsgi_app(application, environ)
    return b"".join(chunks), status, answered
