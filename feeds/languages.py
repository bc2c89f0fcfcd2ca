"""Which way languages are written, by their tags (RFC 5646), and how HTML says it."""

from __future__ import annotations

import re
from html import escape

_PRIMARY_AND_SCRIPT = re.compile(r"([a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-([a-z]{4}))?(?:-.*)?")
_LANGUAGES = """ar ary arz bal bqi ckb dv fa glk he iw ji khw ks lrc mzn nqo prs ps sd sdh skr syr ug
    ur yi"""
_RIGHT_TO_LEFT = frozenset(_LANGUAGES.split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"}
)
_DIV = re.compile("<(/?)div[ >]")
_CLOSING = "</div>"


def direction(tag: str | None) -> str:
    """Which way that language is written: "ltr" or "rtl"; a script in the tag decides."""
    found = _PRIMARY_AND_SCRIPT.fullmatch((tag or "").lower())
    if found and found[2]:
        return "rtl" if found[2] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if found and found[1] in _RIGHT_TO_LEFT else "ltr"


def directed(html: str, language: str | None) -> str:
    """The HTML, within an element that gives its direction when that is from right to left.

    Most feed readers pass over xml:lang, and know no direction but that of their own texts. What came from
    a feed of this kind stands in such an element already.
    """
    opening = f'<div lang="{escape(language or "")}" dir="rtl">'
    if not html or direction(language) == "ltr" or _is_within(opening, html):
        return html
    return f"{opening}{html}{_CLOSING}"


def _is_within(opening: str, html: str) -> bool:
    """Whether the element that begins so holds all of the clean HTML."""
    if not (html.startswith(opening) and html.endswith(_CLOSING)):
        return False
    depth = 0
    for tag in _DIV.finditer(html, len(opening), len(html) - len(_CLOSING)):
        depth += -1 if tag[1] else 1
        if depth < 0:
            return False
    return True
