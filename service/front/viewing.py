"""A feed that a browser opens as a page: the same bytes, under a type that it shows by its style sheet.

Browsers show the registered types of Atom and RSS as plain text, or save them; XML they show. The answer is
for that browser alone, so that no shared cache has to tell the two apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIEnvironment

    _Problem = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

_TYPES = ("application/atom+xml", "application/rss+xml")
_XML = "application/xml"


def is_opened(environ: WSGIEnvironment) -> bool:
    """Whether somebody looks at the address itself (Fetch Metadata, Sec-Fetch-Dest)."""
    return environ.get("HTTP_SEC_FETCH_DEST") == "document"


def shown(start_response: StartResponse) -> StartResponse:
    """Begin answers as browsers show them."""

    def start(
        status: str, headers: list[tuple[str, str]], problem: _Problem | None = None, /
    ) -> Callable[[bytes], object]:
        return start_response(status, [_shown(*it) for it in headers], problem)

    return start


def _shown(name: str, value: str) -> tuple[str, str]:
    media_type, _, parameters = value.partition(";")
    if name.lower() == "content-type" and media_type in _TYPES:
        return name, f"{_XML};{parameters}"
    if name.lower() == "cache-control":
        return name, value.replace("public", "private")
    return name, value
