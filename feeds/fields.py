"""Values on their way out of a document: how long each may be, and what counts as a URL.

A text that is too long is cut. An id or a URL that is too long is dropped: cut, it would be another.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from feeds import text
from feeds.model import Place

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
ENTRIES = 10_000  # of one document; what comes after is not read

_POLE, _ANTIMERIDIAN = 90, 180  # degrees

PAGE_TYPES = ("text/html", "application/xhtml+xml")  # what is read in a browser

# RFC 5646 section 2.1, its primary subtags of two or three letters; there are no others.
LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
    r"(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"
)
_MAIL = re.compile(r"[^\s@()<>]+@[^\s@()<>]+\.[^\s@()<>]+")
_COUNT = re.compile(r"\s*([0-9]{1,15})(?:\.[0-9]*)?\s*")
_BREAKS = re.compile(r"[\t\n\r]+")
# Whole, and what urljoin() gives back as it is: most are.
_WHOLE = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[1-9][0-9]{0,3})?"
    r"/(?!\.)(?:[A-Za-z0-9!$%&'()*+,:=@_~.-]|/(?!\.))*(?:\?[A-Za-z0-9!$%&'()*+,:=@_~./-]+)?"
)
_SPACES = re.compile(r"\s")  # of any script: at the end of what urljoin() makes, one would be lost


def line(value: str | None, limit: int) -> str | None:
    """Plain text on one line."""
    found = text.plain(value[:HTML]) if value else None
    return found[:limit].rstrip() if found else None


def prose(value: str | None, limit: int) -> str | None:
    """HTML, or text that may be HTML, as plain text on one line."""
    found = text.from_html(value[:HTML]) if value else None
    return found[:limit].rstrip() if found else None


def name(value: str | None) -> str | None:
    """A person's name on one line. A mail address is none: nobody gave it to be published."""
    found = line(value, NAME)
    return None if found and _MAIL.fullmatch(found) else found


def language(value: str | None) -> str | None:
    """A language tag (RFC 5646), of a locale too ("en_US"); None for what has another shape."""
    tag = (line(value, NAME) or "").replace("_", "-")
    return tag if tag and LANGUAGE.fullmatch(tag) else None


def html(value: str | None) -> str | None:
    """HTML as it stands, legal and of bounded size."""
    return text.legal((value or "")[:HTML]).strip() or None


def identifier(value: str | None) -> str | None:
    """An id as it stands: never resolved, never cut."""
    found = text.legal(value or "").strip()
    return found if 0 < len(found.encode()) <= ID else None


def url(value: str | None, base: str = "") -> str | None:
    """The absolute http(s) URL that the value names, resolved against `base`.

    None when it is too long, names another scheme, no host, or carries a user's name or password.
    """
    if not value:
        return None
    if len(value) <= URL and _WHOLE.fullmatch(value):
        return value
    written = _SPACES.sub(_quoted, _BREAKS.sub("", text.legal(value)).strip())
    if not 0 < len(written) <= URL:
        return None
    try:
        absolute = urljoin(base, written)
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    fits = len(absolute) <= URL and "@" not in parts.netloc
    return absolute if usable and fits else None


def number(value: str | None) -> int | None:
    """A count of something: a whole number in ASCII digits; a fraction is dropped."""
    found = _COUNT.fullmatch(value) if value else None
    return int(found[1]) if found else None


def place(latitude: str | None, longitude: str | None) -> Place | None:
    """A point by its degrees, to five decimals, which is a metre."""
    try:
        north, east = round(float(latitude or ""), 5), round(float(longitude or ""), 5)
    except ValueError:
        return None
    return Place(north, east) if abs(north) <= _POLE and abs(east) <= _ANTIMERIDIAN else None


def first_ones(values: Iterable[T]) -> tuple[T, ...]:
    """The first values, as many as an entry may have, each once; what comes after is not looked at."""
    found = list(islice(values, MANY))
    return tuple(dict.fromkeys(found) if len(found) > 1 else found)


def _quoted(space: re.Match[str]) -> str:
    return quote(space[0])
