"""Asking Flask for an answer, without conditions and coding: what can be kept is kept as it is."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from werkzeug.test import create_environ, run_wsgi_app

from service.front.kept import Kept
from service.web.handing import RENDERED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from werkzeug.datastructures import Headers

    from service.publish import Rendered

_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING"})


class Told(Struct, frozen=True):
    """What Flask answered."""

    status: str
    headers: Headers
    body: Iterable[bytes]
    kept: Kept | None  # the same, if it is a feed


def ask(application: WSGIApplication, environ: WSGIEnvironment) -> Told:
    """Ask what this request asks, as a GET."""
    plain: dict[str, Any] = {
        name: value for name, value in environ.items() if name not in _CONDITIONS
    }
    rendered: list[Rendered] = []
    plain |= {"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), RENDERED: rendered}
    body, status, headers = run_wsgi_app(application, plain, buffered=True)
    return Told(status, headers, body, Kept.made(rendered[0], headers) if rendered else None)


def ask_for(application: WSGIApplication, path: str) -> Told:
    """Ask for what is at that PATH_INFO."""
    return ask(application, create_environ() | {"PATH_INFO": path})
