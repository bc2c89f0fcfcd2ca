"""From a document to an HTTP answer: tag, coding, 304, and the headers that every answer carries."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Response, render_template, request
from msgspec import Struct
from msgspec.structs import replace
from werkzeug.http import http_date

from service.telemetry import metrics
from service.web.codings import Coding, coded
from service.web.conditional import Asked, Decision, decide, shown
from service.web.current import runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

HTML = "text/html; charset=utf-8"
OPML = "text/x-opml; charset=utf-8"
PAGE_SECONDS = 60
MOVED_SECONDS = 3600

_PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' http: https:",
        "media-src http: https:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def _policy(framed: Sequence[str]) -> str:
    return "; ".join((_PAGE_POLICY, f"frame-src {' '.join(framed)}")) if framed else _PAGE_POLICY


class Document(Struct, frozen=True):
    """What an address holds at the moment."""

    body: bytes
    media_type: str  # a whole Content-Type
    etag: str  # opaque, of the body before any coding
    last_modified: datetime | None = None


def digest(body: bytes) -> str:
    """The opaque tag of a document that has no other."""
    return sha256(body).hexdigest()[:32]


def answer(document: Document, headers: Mapping[str, str]) -> Response:
    """Answer the request at hand with the document, or with 304 (RFC 9110 section 15.4.5)."""
    document = replace(document, last_modified=shown(document.last_modified, _now()))
    decision = decide(_asked(), document.etag, document.last_modified)
    response = Response(status=304) if decision.unchanged else _whole(document, decision.coding)
    return _with(response, headers, decision)


def unchanged(
    etag: str, last_modified: datetime | None, headers: Mapping[str, str]
) -> Response | None:
    """Answer with 304 if who asks holds the document of that tag; its body is not needed for that."""
    decision = decide(_asked(), etag, shown(last_modified, _now()))
    return _with(Response(status=304), headers, decision) if decision.unchanged else None


def _asked() -> Asked:
    return Asked(
        accept_encoding=request.headers.get("Accept-Encoding"),
        if_none_match=request.headers.get("If-None-Match"),
        if_modified_since=request.headers.get("If-Modified-Since"),
    )


def _with(response: Response, headers: Mapping[str, str], decision: Decision) -> Response:
    response.headers.update(headers)
    response.headers["ETag"] = decision.etag
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _now() -> datetime:
    return runtime().clock.now()


def _whole(document: Document, coding: Coding) -> Response:
    response = Response(coded(document.body, coding), content_type=document.media_type)
    if coding is not Coding.IDENTITY:
        response.headers["Content-Encoding"] = coding.value
    if document.last_modified is not None:
        response.headers["Last-Modified"] = http_date(document.last_modified)
    return response


def page(template: str, headers: Mapping[str, str], **values: object) -> Response:
    """Render a page and answer with it; its tag is the digest of what it says."""
    body = render_template(template, **values).encode()
    kept = {"Cache-Control": f"public, max-age={PAGE_SECONDS}"}
    return answer(Document(body, HTML, digest(body)), {**kept, **headers})


def redirect(address: str) -> Response:
    """Lead to the one address of what was asked for, for good (RFC 9110 section 15.4.2)."""
    headers = {"Location": address, "Cache-Control": f"public, max-age={MOVED_SECONDS}"}
    return Response(f"{address}\n", 301, headers, content_type="text/plain; charset=utf-8")


def count(response: Response) -> Response:
    """Count an answer by the route it came from, of which there are few, and its status."""
    metrics.REQUESTS.labels(request.endpoint or "none", response.status_code).inc()
    return response


def guard(response: Response) -> Response:
    """Give an answer the headers that keep browsers from misusing it, unless it has its own."""
    for name, value in _EVERYWHERE.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy(runtime().config.embed_origins))
    return response
