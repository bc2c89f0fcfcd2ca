"""Error pages for people, problem documents (RFC 9457) for programs."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from service.errors import NotFound, StoreError, Withdrawn
from service.locales import marked
from service.web.answers import HTML, PAGE_SECONDS
from service.web.current import config, texts

if TYPE_CHECKING:
    from flask import Flask

_RETRY_SECONDS = "10"
_PROBLEM = "application/problem+json"
_TEXTS = {  # heading and explanation
    403: (
        marked("This may not be republished"),
        marked("Its terms do not allow it."),
    ),
    404: (
        marked("There is nothing here"),
        marked("The address may be mistyped, or what stood here has moved."),
    ),
    405: (
        marked("That cannot be done here"),
        marked("This address can be read, and nothing else."),
    ),
    410: (marked("This is gone"), marked("What stood here was withdrawn.")),
    500: (
        marked("Something broke"),
        marked("That is our fault, not yours. It has been written down."),
    ),
    503: (
        marked("Back in a moment"),
        marked("The database is busy. Please try again in a few seconds."),
    ),
}


_REASONED = frozenset({403, 410})  # by the view that raises them


def register(app: Flask) -> None:
    """Answer every error of the app in one manner."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, _missing)
    app.register_error_handler(Withdrawn, _withdrawn)
    app.register_error_handler(StoreError, _unavailable)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    response = _told(code, error.description if code in _REASONED else None)
    allowed = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    response.headers.extend(allowed)
    return response


def _missing(_error: NotFound) -> Response:
    return _told(HTTPStatus.NOT_FOUND)


def _withdrawn(error: Withdrawn) -> Response:
    when = error.at.astimezone(config().site.zone)
    said = texts().say(
        "“%(name)s” was withdrawn on %(date)s", name=error.name, date=texts().day(when)
    )
    return _told(HTTPStatus.GONE, f"{said}: {error.reason}")


def _unavailable(error: StoreError) -> Response:
    current_app.logger.warning("no answer: %s", error)
    response = _told(HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _told(code: int, detail: str | None = None) -> Response:
    """The answer for a status, in the form that the client likes better."""
    phrase = HTTPStatus(code).phrase
    heading, explanation = _TEXTS.get(code, (phrase, marked("The request cannot be answered.")))
    detail = detail or texts().say(explanation)
    if _wants_json():
        problem = {"type": "about:blank", "title": phrase, "status": code, "detail": detail}
        response = Response(json.dumps(problem), code, content_type=_PROBLEM)
    else:
        html = render_template(
            "error.html",
            code=code,
            heading=texts().say(heading),
            detail=detail,
            description=None,
            canonical=None,
            alternates=[],
        )
        response = Response(html, code, content_type=HTML)
    keep = f"public, max-age={PAGE_SECONDS}" if code in (403, 404, 410) else "no-store"
    response.headers.update({"Cache-Control": keep, "Vary": "Accept"})
    return response


def _wants_json() -> bool:
    offered = ("text/html", _PROBLEM, "application/json")
    return request.accept_mimetypes.best_match(offered, "text/html") != "text/html"
