"""Markdown to safe HTML: CommonMark with tables, strikethrough and footnotes, raw HTML included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from feeds.sanitize import clean, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it.token import Token

_APART: Final = {  # what stands apart from the running text, and where it ends
    "heading_open": "heading_close",
    "footnote_block_open": "footnote_block_close",
}


def to_html(markdown: str, *, base: str) -> str:
    """Clean HTML, its relative addresses resolved against `base`."""
    return clean(_PARSER.render(markdown), base=base)


def opening(markdown: str) -> str:
    """How the text begins, on one line: without headings and footnotes, which read badly out of place."""
    running = list(_running(_PARSER.parse(markdown)))
    return summary(clean(_PARSER.renderer.render(running, _PARSER.options, {}), base=None))


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
