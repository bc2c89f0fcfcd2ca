"""Pictures that the newsroom keeps, under addresses whose content never changes."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service import pictures as kept
from service.config import media_folder
from service.errors import NotFound
from service.web.current import runtime

PICTURE = "pictures.picture"  # the endpoint of every picture
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

pictures = Blueprint("pictures", __name__)


@pictures.get("/media/<name>")
def picture(name: str) -> Response:
    """A picture, or 304: its tag is its name (RFC 9110 section 8.8.3)."""
    found = kept.find(media_folder(runtime().config), name)
    if found is None:
        raise NotFound(f"there is no picture {name!r}")
    file, it = found
    answer = Response(status=304)
    if not request.if_none_match.contains_weak(it.digest):
        answer = Response(file.read_bytes(), content_type=it.kind.type)
    answer.set_etag(it.digest)
    answer.headers.update(_HEADERS)
    return answer
