"""Answers that `front` keeps: what was rendered is handed to it beside the answer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from service.model import ALL
from service.publish import Rendered
from service.store import changelog, meta
from service.web.answers import Document, answer, digest
from service.web.caching import cache_control
from service.web.current import runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.store import Transaction

RENDERED = "feedwright.rendered"  # in the WSGI environment: a list that takes what was rendered
_EVERY_ARTICLE = frozenset({ALL})


def handed(rendered: Rendered, headers: Mapping[str, str]) -> Response:
    """Answer with what was rendered, and hand it to who keeps it."""
    request.environ.get(RENDERED, []).append(rendered)
    document = Document(rendered.body, rendered.media_type, rendered.etag, rendered.last_modified)
    told = {
        "Cache-Control": cache_control(rendered.good_until, runtime().clock.now(), rendered.fresh),
        "Surrogate-Key": " ".join(sorted(rendered.keys)),
    }
    return answer(document, {**told, **headers})


def listed(
    write: Callable[[Transaction], bytes],
    media_type: str,
    fresh: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a list of what is published, which any article may change; `fresh` in seconds."""
    with runtime().snapshot() as (tx, change):
        body = write(tx)
        touched = changelog.touched_at(tx, _EVERY_ARTICLE) or meta.founded(tx).at
    rendered = Rendered(
        body=body,
        etag=digest(body),
        last_modified=touched,
        media_type=media_type,
        scopes=_EVERY_ARTICLE,
        change=change,
        good_until=None,
        fresh=fresh,
        keys=_EVERY_ARTICLE,
        links=(),
    )
    return handed(rendered, headers or {})
