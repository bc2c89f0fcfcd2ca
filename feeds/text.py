"""Plain text: what XML may carry, one line out of HTML, paragraphs, slugs."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from anyascii import anyascii

from feeds import mixed
from feeds.markup import Text, decoded

if TYPE_CHECKING:
    from feeds.markup import Token

_ILLEGAL_IN_ASCII = bytes(set(range(0x20)) - set(b"\t\n\r"))
_LEGAL = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]++")
_NOT_SLUG = re.compile("[^a-z0-9]+")
_SLUG_LENGTH = 80
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n")
# A tag as most are written: its name in lower case, its values in double quotes, no more than `mixed` takes.
_TAG = re.compile(r'</?([a-z][a-z0-9]*+)(?: [a-z][a-z-]*+="[^"]*+"){0,64}+ ?/?>')
# Elements that part words; all others may stand inside one.
_APART_NAMES = """address article aside blockquote br caption center dd details div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol option p pre
    section summary table tbody td tfoot th thead tr ul"""
_APART = frozenset(_APART_NAMES.split())


def legal(value: str) -> str:
    """The text without the characters that XML 1.0 section 2.2 forbids."""
    if value.isascii():
        return without(value, _ILLEGAL_IN_ASCII)
    return value if value.isprintable() else "".join(_LEGAL.findall(value))


def without(value: str, unwanted: bytes) -> str:
    """ASCII without these characters; to look through its bytes takes a fraction of the time."""
    return value.encode().translate(None, unwanted).decode()


def plain(value: str | None) -> str | None:
    """The legal text on one line, white space folded; None when nothing is left."""
    if not value:
        return None
    if value.isprintable() and "  " not in value:  # it has no white space but single blanks
        return value.strip(" ") or None
    return " ".join(legal(value).split()) or None


def from_html(value: str | None) -> str | None:
    """HTML, or text that may be HTML, as one line of plain text: tags stripped, character references
    decoded once. What only looks like a tag stays, by the rule of `mixed`.
    """
    return plain(without_tags(value or ""))


def without_tags(value: str) -> str:
    """The same with its white space, and with characters that may be illegal."""
    if "<" not in value:
        return decoded(value)
    parts = _TAG.split(value)  # texts, and between them names of tags
    if "<" in "".join(parts) or not mixed.KNOWN.issuperset(parts[1::2]):
        return "".join(map(_piece, mixed.tokens(value)))
    parts[1::2] = map(_gap, parts[1::2])
    return "".join(map(decoded, parts))


def paragraphs(value: str) -> str:
    """Plain text as HTML: empty lines part paragraphs, other line ends are kept."""
    parts = (part.strip() for part in _EMPTY_LINES.split(value.replace("\r\n", "\n")))
    lines = (escape(part, quote=False).replace("\n", "<br>") for part in parts if part)
    return "".join(f"<p>{line}</p>" for line in lines)


def _piece(token: Token) -> str:
    if isinstance(token, Text):
        return token.value
    return _gap(token.name)


def _gap(name: str) -> str:
    return " " if name in _APART else ""


def slugify(value: str, fallback: str = "item") -> str:
    """Lower-case ASCII letters, digits and single hyphens, at most 80 of them."""
    ascii_text = anyascii(legal(value)).lower().replace("'", "")
    slug = _NOT_SLUG.sub("-", ascii_text).strip("-")
    if len(slug) > _SLUG_LENGTH:
        words, hyphen, _ = slug[: _SLUG_LENGTH + 1].rpartition("-")
        slug = words if hyphen else slug[:_SLUG_LENGTH]
    return slug or fallback


def shorten(value: str, limit: int) -> str:
    """The text in at most `limit` characters, cut between words and marked with an ellipsis."""
    if len(value) <= limit:
        return value
    words, space, _ = value[:limit].rpartition(" ")
    return (words if space else value[: limit - 1]).rstrip(" ,;:–—-") + "…"
