"""Texts that say what they are, and texts that leave it open.

Atom's text constructs (RFC 4287 section 3.1) are text, HTML or XHTML by their type, Media RSS has text and
HTML. RSS has no types: its titles and descriptions are read as HTML, which plain text mostly is too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import fields, text
from feeds.strict.elements import inner_html

if TYPE_CHECKING:
    from feeds.strict.elements import Node

_TYPED = ("atom:", "at:", "media:")
_TEXT = {"text", "text/plain", "plain"}
_MARKUP = {"html", "xhtml", *fields.PAGE_TYPES}


def line(node: Node | None, limit: int = fields.TITLE) -> str | None:
    """The text on one line, without its markup."""
    if node is None:
        return None
    if _type(node) in _TEXT:
        return fields.line(node.value, limit)
    return fields.prose(_markup(node), limit)


def html(node: Node | None) -> str | None:
    """The text as HTML; None when it is of a type that is neither text nor HTML."""
    kind = _type(node) if node else None
    if node is None or kind not in _TEXT | _MARKUP:
        return None
    return fields.html(text.paragraphs(node.value) if kind in _TEXT else _markup(node))


def _type(node: Node) -> str:
    if not node.name.startswith(_TYPED):
        return "html"
    return (node.get("type") or "text").lower()


def _markup(node: Node) -> str:
    """XHTML in place is taken without the div around it; other markup is text, or else in place too."""
    element = node.element
    if len(element) == 0:
        return node.value
    alone = len(element) == 1 and not f"{element.text or ''}{element[0].tail or ''}".strip()
    return inner_html(element[0] if alone and "xhtml:div" in node.children else element)
