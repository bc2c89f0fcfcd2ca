"""Values on their way out of a document: how long each may be, and what counts as a URL.

A text that is too long is cut. An id or a URL that is too long is dropped: cut, it would be another.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from feeds import text

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

TITLE = 1024  # characters, as all limits here
NAME = 512
ID = 2048  # bytes in UTF-8: PostgreSQL indexes no more
URL = 4096
SUMMARY = 16 * 1024  # also of rights, subtitles and captions
HTML = 256 * 1024
MANY = 50  # categories, persons, media of one entry

_BREAKS = re.compile(r"[\t\n\r]+")


def line(value: str | None, limit: int) -> str | None:
    """Plain text on one line."""
    return _cut(text.plain((value or "")[:HTML]), limit)


def prose(value: str | None, limit: int) -> str | None:
    """HTML, or text that may be HTML, as plain text on one line."""
    return _cut(text.from_html((value or "")[:HTML]), limit)


def html(value: str | None) -> str | None:
    """HTML as it stands, legal and of bounded size."""
    return text.legal((value or "")[:HTML]).strip() or None


def identifier(value: str | None) -> str | None:
    """An id as it stands: never resolved, never cut."""
    found = text.legal(value or "").strip()
    return found if 0 < len(found.encode()) <= ID else None


def url(value: str | None, base: str = "") -> str | None:
    """The absolute http(s) URL that the value names, resolved against `base`.

    None when it names another scheme, no host, or carries a user's name or password.
    """
    written = _BREAKS.sub("", text.legal(value or "")).strip().replace(" ", "%20")
    if not 0 < len(written) <= URL:
        return None
    try:
        absolute = urljoin(base, written)
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return absolute if usable and "@" not in parts.netloc else None


def number(value: str | None) -> int | None:
    """A count of something: a whole number in ASCII digits; a fraction is dropped."""
    found = re.fullmatch(r"\s*([0-9]{1,15})(?:\.[0-9]*)?\s*", value or "")
    return int(found[1]) if found else None


def first_ones(values: Iterable[T]) -> tuple[T, ...]:
    """The first values, as many as an entry may have, each once; what comes after is not looked at."""
    return tuple(dict.fromkeys(islice(values, MANY)))


def _cut(value: str | None, limit: int) -> str | None:
    return value[:limit].rstrip() if value else None
