"""For what watches the service: does the process live, and can it do its work."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app
from msgspec.structs import asdict

from service.care.readiness import MARK, Readiness, mark

if TYPE_CHECKING:
    from flask import Flask

    from service.runtime import Runtime

_LIVE, _READY = "/healthz", "/readyz"
HEALTH = frozenset({_LIVE, _READY})
_KEY = "readiness"
_KEY_OF_MARK = "mark"
_NOT_KEPT = {"Cache-Control": "no-store"}

health = Blueprint("health", __name__)


def register(app: Flask, runtime: Runtime) -> None:
    """Let the app tell how it is; the database is settled when the process starts."""
    path = runtime.store.sqlite_path
    app.extensions[_KEY] = Readiness(runtime.store, path.parent if path else runtime.config.folder)
    app.extensions[_KEY_OF_MARK] = mark(runtime.store)
    app.register_blueprint(health)


@health.get(_LIVE, provide_automatic_options=False)
def live() -> Response:
    """The process answers; nothing else is looked at, so a lost database makes nobody restart it."""
    headers = {**_NOT_KEPT, MARK: current_app.extensions[_KEY_OF_MARK]}
    return Response("ok\n", content_type="text/plain; charset=utf-8", headers=headers)


@health.get(_READY, provide_automatic_options=False)
def ready() -> Response:
    """200 when all is well, else 503, with each check and its reason."""
    readiness: Readiness = current_app.extensions[_KEY]
    checks = readiness.checks()
    is_ready = all(it.ok for it in checks)
    told = {"ready": is_ready, "checks": [asdict(it) for it in checks]}
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(json.dumps(told), status, content_type="application/json", headers=_NOT_KEPT)
