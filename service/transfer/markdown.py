"""Markdown to safe HTML: CommonMark with tables, strikethrough and footnotes, raw HTML included."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from feeds.sanitize import clean, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from markdown_it.token import Token

    from service.pictures import Picture

    Pictures = Callable[[str], Picture | None]

_SHOWN: Final = re.compile(r"""(<img\b[^<>]*?\ssrc\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_APART: Final = {  # what stands apart from the running text, and where it ends
    "heading_open": "heading_close",
    "footnote_block_open": "footnote_block_close",
}


def to_html(markdown: str, *, base: str, pictures: Pictures | None = None) -> str:
    """Clean HTML, its relative addresses resolved against `base`; `pictures` takes along what it shows."""
    notes: dict[str, Any] = {}
    tokens = _PARSER.parse(markdown, notes)
    if pictures:
        _take(tokens, pictures)
    return clean(_PARSER.renderer.render(tokens, _PARSER.options, notes), base=base, spared=None)


def _take(tokens: Iterable[Token], pictures: Pictures) -> None:
    """Let pictures lead to what was taken along, with their size, so that nothing jumps as they load."""
    for token in tokens:
        _take(token.children or (), pictures)
        if token.type == "image" and (taken := pictures(str(token.attrs["src"]))):
            sizes = {"width": taken.width, "height": taken.height}
            token.attrs |= {name: size for name, size in sizes.items() if size}
            token.attrs["src"] = taken.address
        elif token.type in ("html_block", "html_inline"):
            token.content = _SHOWN.sub(partial(_led_to, pictures), token.content)


def _led_to(pictures: Pictures, found: re.Match[str]) -> str:
    taken = pictures(unescape(found[2] or found[3] or ""))
    return f'{found[1]}"{taken.address}"' if taken else found[0]


def opening(markdown: str) -> str:
    """How the text begins, on one line: without headings and footnotes, which read badly out of place."""
    running = list(_running(_PARSER.parse(markdown)))
    return summary(
        clean(_PARSER.renderer.render(running, _PARSER.options, {}), base=None, spared=None)
    )


def _running(tokens: Iterable[Token]) -> Iterator[Token]:
    closing = ""
    for token in tokens:
        closing = closing or _APART.get(token.type, "")
        if not closing:
            token.children = [it for it in token.children or () if it.type != "footnote_ref"]
            yield token
        elif token.type == closing:
            closing = ""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    # Clean HTML has no ids to jump to, so a footnote's mark is a number and no link.
    parser.add_render_rule("footnote_ref", _footnote_mark)
    parser.add_render_rule("footnote_anchor", _nothing)
    return parser


def _footnote_mark(_self: object, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f"<sup>[{tokens[index].meta['id'] + 1}]</sup>"


def _nothing(*_: Any) -> str:
    return ""


_PARSER: Final = _parser()
